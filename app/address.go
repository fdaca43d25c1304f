package app

import (
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// BaseURL checks the address that people type, and writes it as browsers do:
// in lower case, without the usual port and without a slash at the end.
func BaseURL(typed string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(typed))
	wrong := fault.New(fault.Invalid, "The base URL %q is not of the form http://host, https://host or https://host:port.", typed)
	if err != nil {
		return "", wrong
	}
	scheme, host, port := strings.ToLower(u.Scheme), strings.ToLower(u.Hostname()), u.Port()
	usual := map[string]string{"http": "80", "https": "443"}[scheme]
	bare := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	if usual == "" || host == "" || strings.Trim(u.Path, "/") != "" || bare.String() != u.String() || strings.ContainsAny(host, " \t\"'<>%\\") {
		return "", wrong
	}
	if n, err := strconv.Atoi(port); port != "" && (err != nil || n < 1 || n > 65535) {
		return "", wrong
	}
	switch {
	case port != "" && port != usual:
		host = net.JoinHostPort(host, port)
	case strings.Contains(host, ":"): // IPv6
		host = "[" + host + "]"
	}
	return scheme + "://" + host, nil
}
