package gateway

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
)

// ports hands out RTP sockets. It goes round its range, so that what was sent to a leg that is gone does not reach the
// next one, and begins anywhere in it, so that what was sent to the legs of a gateway that died does not either.
type ports struct {
	ip       netip.Addr
	min, max int

	mu   sync.Mutex
	next int
}

func newPorts(ip netip.Addr, low, high int) *ports {
	low += low % 2
	return &ports{ip: ip, min: low, max: high, next: low + 2*rand.IntN((high-low)/2+1)}
}

var errNoPort = errors.New("every RTP port is taken")

// open binds a free even port. The odd one above stays free for RTCP, which Asterisk sends and we do not need.
func (p *ports) open() (*net.UDPConn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var last error
	for range (p.max-p.min)/2 + 1 {
		port := p.next
		if p.next += 2; p.next > p.max {
			p.next = p.min
		}
		conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(p.ip, uint16(port))))
		if err == nil {
			return conn, nil
		}
		last = err
	}
	return nil, fmt.Errorf("%w: %w", errNoPort, last)
}
