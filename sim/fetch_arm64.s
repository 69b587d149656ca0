#include "textflag.h"

// func fetch(p, size uintptr)
TEXT ·fetch(SB), NOSPLIT, $0-16
	MOVD p+0(FP), R0
	MOVD size+8(FP), R1
	ADD R0, R1
	AND $-64, R0
line:
	PRFM (R0), PLDL1KEEP
	ADD $64, R0
	CMP R1, R0
	BLT line
	RET

// func goroutine() uintptr
TEXT ·goroutine(SB), NOSPLIT, $0-8
	MOVD g, ret+0(FP)
	RET
