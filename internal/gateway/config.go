package gateway

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"
)

// Config of the media gateway.
type Config struct {
	Listen     string        `yaml:"listen"`       // control API, metrics and health: a private address
	Token      string        `yaml:"token"`        // what the controller shows
	MediaIP    string        `yaml:"media_ip"`     // where Asterisk reaches the RTP ports
	PortMin    int           `yaml:"rtp_port_min"` // of the RTP ports; only even ones are used (RFC 3550 section 11)
	PortMax    int           `yaml:"rtp_port_max"`
	Peers      []string      `yaml:"rtp_peers"`   // addresses or prefixes RTP is taken from; empty: MediaIP (any loopback address when it is one)
	ICEUDP     string        `yaml:"ice_udp"`     // the one UDP address for all browsers; without IP: every interface
	ICETCP     string        `yaml:"ice_tcp"`     // for browsers behind firewalls; empty: none
	PublicIPs  []string      `yaml:"public_ips"`  // told to browsers instead of the machine's own addresses
	Codec      string        `yaml:"codec"`       // pcmu or pcma, as the format of Asterisk's externalMedia channels
	Dir        string        `yaml:"recordings"`  // folder of recordings; the spool is in it
	PauseLimit time.Duration `yaml:"pause_limit"` // after which the agent is asked whether a pause of the recording is still meant
	Orphan     time.Duration `yaml:"orphan"`      // after which a leg that nobody controls and nobody feeds is closed
}

// DefaultConfig is for one machine, everything on loopback. The token and the folder are missing.
func DefaultConfig() Config {
	return Config{
		Listen: "127.0.0.1:8081", MediaIP: "127.0.0.1", PortMin: 20000, PortMax: 23999,
		ICEUDP: "127.0.0.1:8082", Codec: "pcmu", PauseLimit: 3 * time.Minute, Orphan: 10 * time.Minute,
	}
}

const minToken = 16

// Check returns every fault of the configuration.
func (c Config) Check() []string {
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	hostPort := func(name, addr string) {
		if _, err := net.ResolveTCPAddr("tcp", addr); err != nil || addr == "" {
			fault("%s: %q is no address with a port", name, addr)
		}
	}
	hostPort("listen", c.Listen)
	if len(c.Token) < minToken {
		fault("token: at least %d characters are needed", minToken)
	}
	if _, err := netip.ParseAddr(c.MediaIP); err != nil {
		fault("media_ip: %q is no IP address", c.MediaIP)
	}
	if c.PortMin < 1024 || c.PortMax > 65535 || c.PortMax <= c.PortMin {
		fault("rtp_port_min, rtp_port_max: %d to %d is no range within 1024 to 65535", c.PortMin, c.PortMax)
	}
	if _, err := c.peers(); err != nil {
		fault("rtp_peers: %v", err)
	}
	hostPort("ice_udp", c.ICEUDP)
	if c.ICETCP != "" {
		hostPort("ice_tcp", c.ICETCP)
	}
	for _, ip := range c.PublicIPs {
		if _, err := netip.ParseAddr(ip); err != nil {
			fault("public_ips: %q is no IP address", ip)
		}
	}
	if c.Codec != "pcmu" && c.Codec != "pcma" {
		fault("codec: %q is neither pcmu nor pcma", c.Codec)
	}
	if c.Dir == "" {
		fault("recordings: the folder for recordings is missing")
	}
	if c.PauseLimit < time.Second {
		fault("pause_limit: %v is shorter than a second", c.PauseLimit)
	}
	if c.Orphan < time.Second {
		fault("orphan: %v is shorter than a second", c.Orphan)
	}
	return faults
}

// peers are the prefixes that RTP is taken from.
func (c Config) peers() ([]netip.Prefix, error) {
	list := c.Peers
	if len(list) == 0 {
		ip, err := netip.ParseAddr(c.MediaIP)
		switch {
		case err != nil:
			return nil, err
		case ip.IsLoopback() && ip.Is4():
			list = []string{"127.0.0.0/8"}
		default:
			list = []string{c.MediaIP}
		}
	}
	var prefixes []netip.Prefix
	for _, s := range list {
		if !strings.Contains(s, "/") {
			ip, err := netip.ParseAddr(s)
			if err != nil {
				return nil, fmt.Errorf("%q is neither an IP address nor a prefix", s)
			}
			prefixes = append(prefixes, netip.PrefixFrom(ip, ip.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("%q is neither an IP address nor a prefix", s)
		}
		prefixes = append(prefixes, p)
	}
	return prefixes, nil
}

// ClientConfig says where the controller finds the gateway.
type ClientConfig struct {
	Addr  string `yaml:"addr"` // host:port of the gateway's control API
	Token string `yaml:"token"`
}

// Check returns every fault of the configuration.
func (c ClientConfig) Check() []string {
	var faults []string
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		faults = append(faults, fmt.Sprintf("addr: %q is no address with a port", c.Addr))
	}
	if len(c.Token) < minToken {
		faults = append(faults, fmt.Sprintf("token: at least %d characters are needed", minToken))
	}
	return faults
}
