package web_test

import (
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/app"
)

// TestOrigins tries addresses that look like ours, on a write and on the
// websocket.
func TestOrigins(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	room := "/api/workshops/" + fay.newWorkshop().ID
	base, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	port := base.Port()
	for origin, ours := range map[string]bool{
		s.url:                      true,
		"http://127.0.0.1:" + port: true, // the same machine by another name
		"http://[::1]:" + port:     true,
		strings.Replace(s.url, "http", "https", 1): false,
		"http://localhost":                         false,
		"http://localhost:1":                       false,
		"http://127.0.0.1.evil.example:" + port:    false,
		s.url + ".evil.example":                    false,
		s.url + "@evil.example":                    false,
		"http://evil.example:" + port:              false,
		"http://localhost.:" + port:                false,
		"null":                                     false,
		"file://":                                  false,
	} {
		if r := fay.ask("POST", room+"/messages", `{"body":"a"}`, "Origin", origin); (r.status == 200) != ours || !ours && r.status != 403 {
			t.Errorf("a write from %s: %d", origin, r.status)
		}
		ws, answer, err := fay.socket("Origin", origin)
		if (err == nil) != ours || !ours && (answer == nil || answer.StatusCode != 403) {
			t.Errorf("a websocket from %s: %v %v", origin, err, answer)
		}
		if ws != nil {
			_ = ws.Close()
		}
	}
}

// TestOriginsByOtherNames asks a server by names that it cannot know, where
// nobody chose an address and where somebody did.
func TestOriginsByOtherNames(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	type try struct {
		host, origin string
		ours         bool
	}
	for name, c := range map[string]struct {
		base, says string
		tries      []try
	}{
		"nobody": {"", "started with --base-url", []try{
			{"atelier.lan:8080", "http://atelier.lan:8080", true},
			{"192.0.2.7", "http://192.0.2.7", true},
			{"atelier.lan:8080", "https://atelier.lan:8080", false},
			{"atelier.lan:8080", "http://evil.example:8080", false},
			{"atelier.lan:8080", "http://atelier.lan", false},
		}},
		"somebody": {"https://Atelier.Example:443/", "at https://atelier.example instead", []try{
			{"inside:8080", "https://atelier.example", true},
			{"atelier.lan:8080", "http://atelier.lan:8080", false},
			{"evil.example", "https://evil.example", false}, // a name that was pointed here
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := startAt(t, folder(t), app.ServeConfig{Listen: free, BaseURL: c.base})
			s.url = "http://" + free
			fay := s.signIn("Fay", true, false)
			for _, one := range c.tries {
				r := fay.ask("POST", "/api/preview", `{"text":"a"}`, "Host", one.host, "Origin", one.origin)
				if (r.status == 200) != one.ours || !one.ours && (r.status != 403 || !strings.Contains(string(r.body), c.says)) {
					t.Errorf("%s asked from %s: %d %s", one.host, one.origin, r.status, r.body)
				}
			}
		})
	}
}
