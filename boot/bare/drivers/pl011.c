/* PL011 serial port. */
#include "boot/bare/drivers/pl011.h"

#define REG_DATA       0x00u
#define REG_FLAGS      0x18u
#define REG_BAUD_INT   0x24u
#define REG_BAUD_FRAC  0x28u
#define REG_LINE       0x2cu
#define REG_CONTROL    0x30u
#define REG_INTERRUPTS 0x38u

#define FLAG_BUSY     (1u << 3)
#define FLAG_RX_EMPTY (1u << 4)
#define FLAG_TX_FULL  (1u << 5)
#define LINE_8N1_FIFO 0x70u
#define CONTROL_ON    0x301u /* UARTEN, TXE, RXE */
#define DATA_ERRORS   0xf00u

/* At 115200 baud a byte takes 87 us; a look at a register at most about 1 us. */
#define TX_LOOKS 200000u

static void start(const struct bare_io *io, uint32_t clock_hz)
{
	io->write32(io->ctx, REG_INTERRUPTS, 0);
	if ((io->read32(io->ctx, REG_CONTROL) & CONTROL_ON) == CONTROL_ON)
		return;

	io->write32(io->ctx, REG_CONTROL, 0);
	if (clock_hz >= 16 * SERIAL_BAUD) {
		/* Divisor in units of 1/64: clock / (16 * baud) * 64, rounded. */
		const uint32_t divisor =
			(uint32_t)(((uint64_t)clock_hz * 4 + SERIAL_BAUD / 2) /
				   SERIAL_BAUD);

		io->write32(io->ctx, REG_BAUD_INT, divisor >> 6);
		io->write32(io->ctx, REG_BAUD_FRAC, divisor & 63u);
	}
	io->write32(io->ctx, REG_LINE, LINE_8N1_FIFO);
	io->write32(io->ctx, REG_CONTROL, CONTROL_ON);
}

static bool put_byte(const struct bare_io *io, uint8_t byte)
{
	for (uint32_t i = 0; i < TX_LOOKS; i++) {
		if ((io->read32(io->ctx, REG_FLAGS) & FLAG_TX_FULL) == 0) {
			io->write32(io->ctx, REG_DATA, byte);
			return true;
		}
	}
	return false;
}

static void drain(const struct bare_io *io)
{
	for (uint32_t i = 0; i < TX_LOOKS; i++)
		if ((io->read32(io->ctx, REG_FLAGS) & FLAG_BUSY) == 0)
			return;
}

static bool get_byte(const struct bare_io *io, uint8_t *out)
{
	if ((io->read32(io->ctx, REG_FLAGS) & FLAG_RX_EMPTY) != 0)
		return false;
	const uint32_t data = io->read32(io->ctx, REG_DATA);
	*out = (uint8_t)data;
	return (data & DATA_ERRORS) == 0;
}

const struct serial_driver pl011 = {
	.start = start,
	.put = put_byte,
	.drain = drain,
	.get = get_byte,
};
