package taxonomy

import "strings"

// plain takes out of a text what is not for reading: the addresses of links,
// the signs of citations and of links by id, and code marks.
func plain(text string) string {
	if !strings.ContainsAny(text, "[(<`") {
		return text
	}
	var out strings.Builder
	out.Grow(len(text))
	for text != "" {
		next := strings.IndexAny(text, "[(<`")
		if next < 0 {
			break
		}
		out.WriteString(text[:next])
		text = text[next:]
		label, size := markup(text)
		out.WriteString(label)
		text = text[size:]
	}
	out.WriteString(text)
	return out.String()
}

// longestMarkup is how far the end of a mark is looked for.
const longestMarkup = 2000

// markup gives what stays of the mark that text begins with, and its length.
func markup(text string) (stays string, size int) {
	near := text[:min(len(text), longestMarkup)]
	switch {
	case text[0] == '`':
		return "", 1
	case text[0] == '[':
		label, rest, ok := strings.Cut(near[1:], "](")
		end := strings.IndexByte(rest, ')')
		if ok && end >= 0 && !strings.ContainsAny(label, "[\n") {
			return label, len("[](") + len(label) + end + 1
		}
	case strings.HasPrefix(near, "(Citation:"), strings.HasPrefix(near, "(LinkById:"):
		if end := strings.IndexByte(near, ')'); end >= 0 {
			return "", end + 1
		}
	case strings.HasPrefix(near, "<code>"):
		return "", len("<code>")
	case strings.HasPrefix(near, "</code>"):
		return "", len("</code>")
	}
	return text[:1], 1
}
