package devstack

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
)

// FreePort returns a loopback address whose port is free for UDP and TCP at this moment.
func FreePort() (netip.AddrPort, error) {
	for range 50 {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			return netip.AddrPort{}, fmt.Errorf("find a free port: %w", err)
		}
		addr, err := netip.ParseAddrPort(l.Addr().String())
		if err != nil {
			return netip.AddrPort{}, fmt.Errorf("find a free port: %w", err)
		}
		udpFree := portsFree(addr.Port(), 1)
		if err := l.Close(); err != nil {
			return netip.AddrPort{}, fmt.Errorf("find a free port: %w", err)
		}
		if udpFree {
			return addr, nil
		}
	}
	return netip.AddrPort{}, fmt.Errorf("find a free port: none in 50 tries")
}

// FreePorts returns n different addresses as FreePort does.
func FreePorts(n int) ([]netip.AddrPort, error) {
	var out []netip.AddrPort
	seen := map[uint16]bool{}
	for len(out) < n {
		a, err := FreePort()
		if err != nil {
			return nil, err
		}
		if !seen[a.Port()] {
			seen[a.Port()] = true
			out = append(out, a)
		}
	}
	return out, nil
}

// Blocks of RTP ports are taken below Linux' ephemeral range (32768 and up), where sockets without a chosen port land.
const (
	blockFirst = 10000
	blockLast  = 32000
)

// FreePortBlock returns the first of n neighbouring UDP ports that are free at this moment; the first is even. Two
// programs that ask at once get different blocks with high probability only.
func FreePortBlock(n int) (uint16, error) {
	if n < 1 || n > blockLast-blockFirst {
		return 0, fmt.Errorf("find %d neighbouring ports: between 1 and %d can be had", n, blockLast-blockFirst)
	}
	for range 200 {
		first := uint16(blockFirst + rand.IntN((blockLast-blockFirst-n)/2+1)*2)
		if portsFree(first, n) {
			return first, nil
		}
	}
	return 0, fmt.Errorf("find %d neighbouring ports: none in 200 tries", n)
}

func portsFree(first uint16, n int) bool {
	for p := int(first); p < int(first)+n; p++ {
		c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: p})
		if err != nil {
			return false
		}
		if err := c.Close(); err != nil {
			return false
		}
	}
	return true
}
