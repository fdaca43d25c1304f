package web

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"
	"github.com/klauspost/compress/gzip"
	"github.com/valyala/fasthttp"
)

// streamed is how many bytes of a download are held in memory.
const streamed = 64 << 10

// file is a download. What it is made of never changes, so its tag, where it
// has one, stands for its bytes.
type file struct {
	name, contentType, tag string
	write                  func(context.Context, io.Writer) error
}

// download streams a file, unless the client has it already.
func (s *Server) download(ctx context.Context, have string, f file) (*huma.StreamResponse, error) {
	return &huma.StreamResponse{Body: func(h huma.Context) {
		c := humafiber.Unwrap(h)
		packed := accepts(c, "gzip")
		c.Vary(fiber.HeaderAcceptEncoding)
		if f.tag != "" {
			tag := f.tag
			if packed {
				tag = encodedTag(tag, "gzip")
			}
			c.Set(fiber.HeaderETag, tag)
			c.Set(fiber.HeaderCacheControl, "private, no-cache")
			if has(have, tag) {
				c.Status(fiber.StatusNotModified)
				return
			}
		}
		c.Set(fiber.HeaderContentType, f.contentType)
		c.Set(fiber.HeaderContentDisposition, fmt.Sprintf("attachment; filename=%q", f.name))
		if packed {
			c.Set(fiber.HeaderContentEncoding, "gzip")
		}
		if !c.Context().IsHead() {
			s.stream(ctx, c.Response(), f, packed)
		}
	}}, nil
}

// stream sends a file while it is written. Where writing fails, the connection
// breaks, so that nobody takes a part for the whole. The writer's goroutine
// belongs to the response: fasthttp closes the reader when all is sent or the
// client is gone, and then the next write fails.
func (s *Server) stream(ctx context.Context, response *fasthttp.Response, f file, packed bool) {
	r, w := io.Pipe()
	go func() {
		err := written(ctx, w, f, packed)
		if err != nil && !errors.Is(err, io.ErrClosedPipe) {
			s.Log.ErrorContext(ctx, "a download broke off", "request", requestID(ctx), "file", f.name, "error", err)
		}
		_ = w.CloseWithError(err) // never fails; without an error it is the end
	}()
	response.SetBodyStream(r, -1)
}

// written writes a file and survives what its writer does.
func written(ctx context.Context, w io.Writer, f file, packed bool) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	buffer := bufio.NewWriterSize(w, streamed)
	if !packed {
		if err := f.write(ctx, buffer); err != nil {
			return err
		}
		return buffer.Flush()
	}
	z := gzip.NewWriter(buffer)
	if err := f.write(ctx, z); err != nil {
		return err // without an end, so that nobody can unpack a part as if it were the whole
	}
	return errors.Join(z.Close(), buffer.Flush())
}
