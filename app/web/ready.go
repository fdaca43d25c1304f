package web

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// ready is an answer that is made before it is asked for again: its bytes, in
// every form in which they go out. It is not changed after it was made.
type ready struct {
	contentType, cacheControl string
	forms                     []form // best first; the last is as it is, which everybody takes
}

// form is an answer in one encoding. Each has a tag of its own, for a tag stands
// for bytes.
type form struct {
	encoding, tag string
	content       []byte
}

// plain makes a ready answer of one form.
func plain(contentType, cacheControl string, content []byte) *ready {
	return &ready{contentType, cacheControl, []form{{"", tagOf(content), content}}}
}

// pack adds the form that is packed with gzip. The router's own packers are
// used again and again: a new one takes a megabyte.
func (r *ready) pack() {
	last := r.forms[len(r.forms)-1]
	r.also("gzip", bytes.Clone(fasthttp.AppendGzipBytes(nil, last.content)))
}

// also adds a form, which is worse than the others that were added.
func (r *ready) also(encoding string, content []byte) {
	last := len(r.forms) - 1
	r.forms = slices.Insert(r.forms, last, form{encoding, encodedTag(r.forms[last].tag, encoding), content})
}

// size is how many bytes it holds.
func (r *ready) size() int {
	n := 0
	for _, f := range r.forms {
		n += len(f.content)
	}
	return n
}

// send answers with the best form that the asker takes, unless they have it.
func (r *ready) send(c *fiber.Ctx) {
	best := r.forms[slices.IndexFunc(r.forms, func(f form) bool { return f.encoding == "" || accepts(c, f.encoding) })]
	response := c.Response()
	response.ResetBody()
	c.Vary(fiber.HeaderAcceptEncoding)
	c.Set(fiber.HeaderCacheControl, r.cacheControl)
	c.Set(fiber.HeaderETag, best.tag)
	if has(c.Get(fiber.HeaderIfNoneMatch), best.tag) {
		c.Status(fiber.StatusNotModified)
		return
	}
	if best.encoding != "" {
		c.Set(fiber.HeaderContentEncoding, best.encoding)
	}
	c.Set(fiber.HeaderContentType, r.contentType)
	c.Status(fiber.StatusOK)
	response.SetBodyRaw(best.content) // not copied; nobody writes into it
}

// accepts says whether the asker takes an encoding, and does not only fail to
// forbid it.
func accepts(c *fiber.Ctx, encoding string) bool {
	return c.Get(fiber.HeaderAcceptEncoding) != "" && c.AcceptsEncodings(encoding) == encoding
}

// tagOf makes the ETag of content.
func tagOf(content []byte) string {
	sum := sha256.Sum256(content)
	return fmt.Sprintf(`"%x"`, sum[:16])
}

// encodedTag makes the ETag of what has one when it is encoded.
func encodedTag(tag, encoding string) string {
	return strings.TrimSuffix(tag, `"`) + "-" + encoding + `"`
}

// has says whether a browser, by its If-None-Match, has what a tag stands for.
// Our tags hold no comma.
func has(ifNoneMatch, tag string) bool {
	return slices.ContainsFunc(strings.Split(ifNoneMatch, ","), func(one string) bool {
		one = strings.TrimSpace(one)
		return one == "*" || strings.TrimPrefix(one, "W/") == tag
	})
}
