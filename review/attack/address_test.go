package attack_test

import (
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/atelier-attack/atelier/review/attack"
)

var readOn = time.Date(2026, 5, 2, 0, 0, 0, 0, time.UTC)

func TestReferenceTo(t *testing.T) {
	const read = "Retrieved May 2, 2026."
	for _, c := range []struct {
		text string
		want attack.Reference
	}{
		{"10.1000/182", attack.Reference{Description: read, URL: "https://doi.org/10.1000/182"}},
		{" doi: 10.1145/3372297.3417280. ", attack.Reference{Description: read, URL: "https://doi.org/10.1145/3372297.3417280"}},
		{"http://dx.doi.org/10.1000/182", attack.Reference{Description: read, URL: "https://doi.org/10.1000/182"}},
		{"https://www.example.com/2025/03/04/the-kettle-of-apt29.html?utm_source=x",
			attack.Reference{SourceName: "Example The Kettle of APT29 March 2025", Description: "(2025, March 4). The Kettle of APT29. " + read, URL: "https://www.example.com/2025/03/04/the-kettle-of-apt29.html"}},
		{"https://blog.example.co.uk/whistling-loudly/12345678/",
			attack.Reference{SourceName: "Example Whistling Loudly", Description: "Whistling Loudly. " + read, URL: "https://blog.example.co.uk/whistling-loudly/12345678/"}},
		{"example.org", attack.Reference{SourceName: "Example", Description: read, URL: "https://example.org"}},
		{"https://example.org/2024/", attack.Reference{SourceName: "Example 2024", Description: "(2024). " + read, URL: "https://example.org/2024/"}},
	} {
		if got, ok := attack.ReferenceTo(c.text, readOn); !ok || got != c.want {
			t.Errorf("%q: %v %+v", c.text, ok, got)
		}
	}
	for _, text := range []string{"", "Kettle Report 2026", "javascript:alert(1)", "ftp://example.org/a", "https://", "https://ana:secret@example.org/", "https://example.org/a b",
		"https://example.org/" + strings.Repeat("a", 2000), "10.1000/", "kettle"} {
		if got, ok := attack.ReferenceTo(text, readOn); ok {
			t.Errorf("%.40q became %+v", text, got)
		}
	}
}

func TestOneAddressIsWrittenInManyWays(t *testing.T) {
	const one = "https://www.example.com/r"
	for _, other := range []string{"http://example.com/r", "https://EXAMPLE.com/r/", " https://example.com/r.", "https://example.com/r?utm_source=x", "https://example.com/r#top",
		"https://www.example.com:443/r", "http://example.com:80/r"} {
		if attack.SameAddress(other) != attack.SameAddress(one) {
			t.Errorf("%q is another address", other)
		}
	}
	for _, other := range []string{"https://example.com/R", "https://example.com/r?a=1", "https://example.org/r", "https://example.com:8443/r", ""} {
		if attack.SameAddress(other) == attack.SameAddress(one) {
			t.Errorf("%q is the same address", other)
		}
	}
}

// FuzzReferenceTo makes references of anything.
func FuzzReferenceTo(f *testing.F) {
	for _, text := range []string{"10.1000/182", "https://example.com/2025/03/04/a-b.html", "example.org", "https://ex%61mple.com/%ff-%00", "https://a.b/(c)-[d]", "//x", "http://0(.0", "10.00000/000%"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ref, ok := attack.ReferenceTo(text, readOn)
		if !ok {
			return
		}
		u, err := url.Parse(ref.URL)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || len(ref.URL) > 2000 {
			t.Errorf("%q has the address %q", text, ref.URL)
		}
		if len(ref.SourceName) > 300 || len(ref.Description) > 2000 || !utf8.ValidString(ref.SourceName+ref.Description) || strings.ContainsAny(ref.SourceName, "()\n\x00") {
			t.Errorf("%q became %+v", text, ref)
		}
		if again, ok := attack.ReferenceTo(ref.URL, readOn); !ok || attack.SameAddress(again.URL) != attack.SameAddress(ref.URL) {
			t.Errorf("%q became %q, and that %q", text, ref.URL, again.URL)
		}
	})
}
