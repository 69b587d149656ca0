#include "textflag.h"

// func fetch(t *trail, slots []Slots, i uintptr)
TEXT ·fetch(SB), NOSPLIT, $0-40
	MOVD t+0(FP), R0
	MOVD slots_base+8(FP), R1
	MOVD slots_len+16(FP), R2
	MOVD i+32(FP), R3

	// The record.
	MOVD 0(R0), R4
	PRFM (R4), PLDL1KEEP
	PRFM 64(R4), PLDL1KEEP
	PRFM 128(R4), PLDL1KEEP
	PRFM 192(R4), PLDL1KEEP
	PRFM 384(R4), PLDL1KEEP

	// The stack, from 640 bytes below to 192 above.
	MOVD 8(R0), R4
	SUB $640, R4
	ADD $832, R4, R5
stack:
	PRFM (R4), PLDL1KEEP
	ADD $64, R4
	CMP R5, R4
	BLT stack

	// The functions that lead to it and away.
	MOVD 16(R0), R4
	PRFM (R4), PLDL1KEEP
	MOVD 24(R0), R4
	PRFM (R4), PLDL1KEEP

slots:
	CBZ R2, done
	MOVD 8(R1), R5 // stride
	MUL R3, R5, R4
	MOVD 0(R1), R6
	ADD R6, R4
	ADD R4, R5
	AND $-64, R4
line:
	PRFM (R4), PLDL1KEEP
	ADD $64, R4
	CMP R5, R4
	BLT line
	ADD $16, R1
	SUB $1, R2
	B slots
done:
	RET

// func goroutine() uintptr
TEXT ·goroutine(SB), NOSPLIT, $0-8
	MOVD g, ret+0(FP)
	RET
