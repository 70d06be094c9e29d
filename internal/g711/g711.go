// Package g711 converts between 16-bit linear samples and the two companded codes of ITU-T G.711.
package g711

var (
	ulawTable [256]int16
	alawTable [256]int16
)

func init() {
	for i := range 256 {
		ulawTable[i] = ulawSample(byte(i))
		alawTable[i] = alawSample(byte(i))
	}
}

// Ulaw is the linear value of one mu-law byte.
func Ulaw(b byte) int16 { return ulawTable[b] }

// Alaw is the linear value of one A-law byte.
func Alaw(b byte) int16 { return alawTable[b] }

// DecodeUlaw converts mu-law bytes to linear samples.
func DecodeUlaw(payload []byte) []int16 {
	out := make([]int16, len(payload))
	for i, b := range payload {
		out[i] = ulawTable[b]
	}
	return out
}

// EncodeUlaw converts linear samples to mu-law bytes.
func EncodeUlaw(samples []int16) []byte {
	out := make([]byte, len(samples))
	for i, s := range samples {
		out[i] = ulawByte(s)
	}
	return out
}

func ulawSample(b byte) int16 {
	b = ^b
	t := (int(b&0x0f) << 3) + 0x84
	t <<= (b & 0x70) >> 4
	if b&0x80 != 0 {
		return int16(0x84 - t)
	}
	return int16(t - 0x84)
}

func alawSample(b byte) int16 {
	b ^= 0x55
	t := int(b&0x0f) << 4
	switch seg := (b & 0x70) >> 4; seg {
	case 0:
		t += 8
	default:
		t = (t + 0x108) << (seg - 1)
	}
	if b&0x80 != 0 {
		return int16(t)
	}
	return int16(-t)
}

func ulawByte(s int16) byte {
	const bias, clip = 0x84, 32635
	v, sign := int(s), byte(0)
	if v < 0 {
		v, sign = -v, 0x80
	}
	v = min(v, clip) + bias
	exp := byte(7)
	for mask := 0x4000; exp > 0 && v&mask == 0; mask >>= 1 {
		exp--
	}
	mantissa := byte(v>>(exp+3)) & 0x0f
	return ^(sign | exp<<4 | mantissa)
}
