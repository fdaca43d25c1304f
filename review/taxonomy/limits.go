package taxonomy

import (
	"bytes"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// Limits of one import. They keep its memory bounded whatever the file holds:
// an object or a list in it takes far more room in memory than its few bytes
// in a file. Enterprise 18.1 has 51 MB, 25,000 objects and 75,000 values.
const (
	MaxUnpacked = 256 << 20 // bytes after unpacking
	MaxObjects  = 200_000
	maxValues   = 2_000_000 // of all lists of all objects
	maxCommas   = 1_000_000 // of one object
	maxStamp    = 100       // bytes of a time
)

// budget counts what a bundle has; the fault is TooLarge where it is too much.
type budget struct{ objects, values int }

// before looks at an object's own bytes before they are taken apart.
func (b *budget) before(raw []byte) error {
	if b.objects++; b.objects > MaxObjects {
		return fault.New(fault.TooLarge, "The bundle has more than %d objects.", MaxObjects)
	}
	if bytes.Count(raw, []byte(",")) > maxCommas {
		return fault.New(fault.TooLarge, "Object %d of the bundle has more than %d values.", b.objects, maxCommas)
	}
	return nil
}

// after counts what stays in memory.
func (b *budget) after(o *Object) error {
	b.values += len(o.Domains) + len(o.Platforms) + len(o.Contributors) + len(o.Aliases) + len(o.MitreAliases) +
		len(o.Phases) + len(o.References) + len(o.Markings) + len(o.TacticRefs) + len(o.Refs)
	if b.values > maxValues {
		return fault.New(fault.TooLarge, "The bundle has more than %d values in its lists.", maxValues)
	}
	return nil
}
