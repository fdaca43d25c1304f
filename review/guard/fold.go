package guard

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// view is a text as people see it: each letter that looks like one of ASCII is
// that one, accents and invisible characters are gone, and every other sign is
// a space or a nought. Bytes from 0x80 on are letters of other scripts.
type view struct {
	text string
	b    []byte
	at   []int32 // where in the text each byte comes from; nil: it is there, too
}

func newView(text string) view {
	v := view{text: text, b: make([]byte, 0, len(text))}
	ascii := 0
	for ascii < len(text) && text[ascii] < utf8.RuneSelf {
		ascii++
	}
	if v.b = append(v.b, text[:ascii]...); ascii == len(text) {
		return v
	}
	v.at = make([]int32, ascii, len(text))
	for i := range v.at {
		v.at[i] = int32(i)
	}
	for i := ascii; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			v.b, v.at = append(v.b, c), append(v.at, int32(i))
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		how, to := fold(r, text[i:i+size])
		switch how {
		case gone:
		case foreign:
			for k := range size {
				v.b, v.at = append(v.b, text[i+k]), append(v.at, int32(i))
			}
		default:
			v.b, v.at = append(v.b, to), append(v.at, int32(i))
		}
		i += size
	}
	return v
}

// original gives the place in the text of a piece of the view.
func (v *view) original(start, end int) (from, to int) {
	if v.at == nil || start >= end {
		return start, end
	}
	last := int(v.at[end-1])
	_, size := utf8.DecodeRuneInString(v.text[last:])
	return int(v.at[start]), last + size
}

// disguised says whether a piece has letters that only look like those that
// were read. It then is not what it seems to be.
func (v *view) disguised(start, end int) bool {
	if v.at == nil || start >= end {
		return false
	}
	from, to := v.original(start, end)
	for i, r := range v.text[from:to] {
		if r < utf8.RuneSelf {
			continue
		}
		if how, _ := fold(r, v.text[from+i:]); how == lookalike || how == foreign {
			return true
		}
	}
	return false
}

type folding int

const (
	sign      folding = iota // a space, quote, dash or nothing of interest
	variant                  // the same letter in another width or font
	lookalike                // another letter that looks the same
	foreign                  // a letter of another script
	gone                     // invisible
)

// fold says how a character that is not of ASCII is read. The text begins with
// it.
func fold(r rune, text string) (folding, byte) {
	switch {
	case r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x206F, r == 0xFEFF, r == 0xAD,
		r >= 0xFE00 && r <= 0xFE0F, r == 0x115F, r == 0x1160, r == 0x3164, r == 0xFFA0:
		return gone, 0
	case r == utf8.RuneError:
		return sign, 0
	}
	if to := lookalikes[r]; to != 0 {
		if unicode.IsLetter(r) {
			return lookalike, to
		}
		return variant, to
	}
	if parts := norm.NFKD.PropertiesString(text).Decomposition(); len(parts) > 0 && parts[0] < utf8.RuneSelf && marksOnly(parts[1:]) {
		if len(parts) > 1 {
			return lookalike, parts[0]
		}
		return variant, parts[0]
	}
	switch {
	case unicode.IsLetter(r):
		return foreign, 0
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return gone, 0
	case unicode.Is(unicode.Mc, r):
		return foreign, 0
	case unicode.Is(unicode.Nd, r):
		return variant, digitOf(r)
	case unicode.Is(unicode.Zs, r):
		return sign, ' '
	case unicode.Is(unicode.Pd, r):
		return variant, '-'
	case r == '’' || r == '‘':
		return sign, '\''
	case unicode.In(r, unicode.Pi, unicode.Pf):
		return sign, '"'
	}
	return sign, 0
}

func marksOnly(parts []byte) bool {
	for len(parts) > 0 {
		r, size := utf8.DecodeRune(parts)
		if !unicode.Is(unicode.Mn, r) {
			return false
		}
		parts = parts[size:]
	}
	return true
}

// digitOf gives the digit of another script: they come in tens.
func digitOf(r rune) byte {
	for _, t := range unicode.Nd.R16 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return '0' + byte((r-rune(t.Lo))%10)
		}
	}
	for _, t := range unicode.Nd.R32 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return '0' + byte((r-rune(t.Lo))%10)
		}
	}
	return 0
}

// lookalikes maps letters and signs that look like one of ASCII and that
// Unicode does not call a variant of it.
var lookalikes = func() map[rune]byte {
	all := map[rune]byte{}
	for _, pair := range [][2]string{
		{"аеорсухіјѕһԁԛԝѵҽӏгкмтпвнзьъ", "aeopcyxijshdqwvelrkmtnbh3bb"}, // Cyrillic
		{"АВЕКМНОРСТУХІЈЅԌԚԜҮѴӀЗЬ", "ABEKMHOPCTYXIJSGQWYVl3b"},
		{"αβγεικνορτυχωηϲϳ", "abyeikvoptuxwncj"}, // Greek
		{"ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹ", "ABEZHIKMNOPTYXC"},
		{"ıɑɡɩʋʏᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡᴢøłđħßæ", "iagivyabcdefghijklmnoprstuvwzoldhsa"}, // Latin
		{"օսցհոոզԼ", "oughnnqL"},                                                       // Armenian
		{"。｡․‧·∙⋅ꓸ", "........"},
		{"∶꞉：։׃", ":::::"},
		{"∕⁄⧸", "///"},
		{"⁃−", "--"},
	} {
		to := []byte(pair[1])
		for _, r := range pair[0] {
			all[r], to = to[0], to[1:]
		}
	}
	return all
}()
