#include "textflag.h"

// func fetch(t *trail, slots []Slots, i uintptr)
TEXT ·fetch(SB), NOSPLIT, $0-40
	MOVQ t+0(FP), AX
	MOVQ slots_base+8(FP), BX
	MOVQ slots_len+16(FP), CX
	MOVQ i+32(FP), DX

	// The record.
	MOVQ 0(AX), SI
	PREFETCHT0 (SI)
	PREFETCHT0 64(SI)
	PREFETCHT0 128(SI)
	PREFETCHT0 192(SI)
	PREFETCHT0 384(SI)

	// The stack, from 640 bytes below to 192 above.
	MOVQ 8(AX), SI
	PREFETCHT0 -640(SI)
	PREFETCHT0 -576(SI)
	PREFETCHT0 -512(SI)
	PREFETCHT0 -448(SI)
	PREFETCHT0 -384(SI)
	PREFETCHT0 -320(SI)
	PREFETCHT0 -256(SI)
	PREFETCHT0 -192(SI)
	PREFETCHT0 -128(SI)
	PREFETCHT0 -64(SI)
	PREFETCHT0 (SI)
	PREFETCHT0 64(SI)
	PREFETCHT0 128(SI)

	// The functions that lead to it and away.
	MOVQ 16(AX), SI
	PREFETCHT0 (SI)
	MOVQ 24(AX), SI
	PREFETCHT0 (SI)

slots:
	TESTQ CX, CX
	JZ done
	MOVQ 8(BX), DI // stride
	MOVQ DI, SI
	IMULQ DX, SI
	ADDQ 0(BX), SI
	ADDQ SI, DI
	ANDQ $-64, SI
line:
	PREFETCHT0 (SI)
	ADDQ $64, SI
	CMPQ SI, DI
	JLT line
	ADDQ $16, BX
	DECQ CX
	JMP slots
done:
	RET

// func goroutine() uintptr
TEXT ·goroutine(SB), NOSPLIT, $0-8
	MOVQ (TLS), AX
	MOVQ AX, ret+0(FP)
	RET
