package web_test

import (
	"net/url"
	"strings"
	"testing"
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
