package web

import (
	"net/url"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// compress packs the answers of the API that nobody packed before. No other
// site can make a browser ask for them with its cookie (SameSite), so that the
// length of an answer tells nobody what is in it.
func compress() fiber.Handler {
	pack := fasthttp.CompressHandlerLevel(func(*fasthttp.RequestCtx) {}, fasthttp.CompressBestSpeed)
	return func(c *fiber.Ctx) error {
		if err := c.Next(); err != nil || !accepts(c, "gzip") {
			return err
		}
		pack(c.Context())
		return nil
	}
}

// request is the context of an operation.
type request huma.Context

// decoded is a request whose parts of the address are text: the router gives
// them as they were sent, such as a%20b.
type decoded struct{ request }

// Param gives a part of the address.
func (d decoded) Param(name string) string {
	raw := d.request.Param(name)
	if text, err := url.PathUnescape(raw); err == nil { // recognise has refused the others
		return text
	}
	return raw
}

// Unwrap lets the framework find the router's own context.
func (d decoded) Unwrap() huma.Context { return d.request }

func decodeAddress(c huma.Context, next func(huma.Context)) { next(decoded{c}) }
