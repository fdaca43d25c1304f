package notify

import (
	"bytes"
	"fmt"
	html "html/template"
	"slices"
	text "text/template"
)

// written is what a mail says.
type written struct {
	BaseURL, Stop, Confirm string
	Workshops              []inWorkshop
}

type inWorkshop struct {
	Name  string
	id    string
	Lines []line
}

type line struct{ Text, URL string }

// telling are the markings of workshops whose titles may leave them.
func telling(tlp string) bool { return slices.Contains([]string{"clear", "green"}, tlp) }

// add puts notices, which are in the order of their workshops, into a mail: who
// did what and where, but nothing of what was said.
func (w *written) add(rows []found) {
	for _, r := range rows {
		if len(w.Workshops) == 0 || w.Workshops[len(w.Workshops)-1].id != r.Kept.WorkshopID {
			w.Workshops = append(w.Workshops, inWorkshop{Name: r.WorkshopName, id: r.Kept.WorkshopID})
		}
		last := &w.Workshops[len(w.Workshops)-1]
		titled := telling(r.TLP)
		last.Lines = append(last.Lines, line{r.Kept.sentence(r.actor(), r.proposal(titled), r.where(titled)), w.BaseURL + r.place()})
	}
}

func (w *written) subject() string {
	if w.Confirm != "" {
		return "Confirm your address for Atelier"
	}
	count := 0
	for _, one := range w.Workshops {
		count += len(one.Lines)
	}
	subject := fmt.Sprintf("%d things are new for you", count)
	if count == 1 {
		subject = "Something is new for you"
	}
	if len(w.Workshops) == 1 {
		subject += " in " + w.Workshops[0].Name
	}
	return subject
}

const plainMail = `{{if .Confirm}}Somebody, probably you, wants Atelier at {{.BaseURL}} to send mail to this address.

If it was you, follow this link within a day:
{{.Confirm}}

If it was not, do nothing: you get no more mail.
{{else}}{{range .Workshops}}{{.Name}}
{{range .Lines}}
* {{.Text}}
  {{.URL}}
{{end}}
{{end}}All that waits for you: {{.BaseURL}}/waiting
What you are told, and how often: {{.BaseURL}}/waiting/settings
No more of these mails: {{.Stop}}
{{end}}`

const pageMail = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Atelier</title></head><body>
{{if .Confirm}}<p>Somebody, probably you, wants Atelier at {{.BaseURL}} to send mail to this address.</p>
<p>If it was you, <a href="{{.Confirm}}">confirm your address</a> within a day.</p>
<p>If it was not, do nothing: you get no more mail.</p>
{{else}}{{range .Workshops}}<h2>{{.Name}}</h2>
<ul>{{range .Lines}}
<li><a href="{{.URL}}">{{.Text}}</a></li>{{end}}
</ul>
{{end}}<p><a href="{{.BaseURL}}/waiting">All that waits for you</a> ·
<a href="{{.BaseURL}}/waiting/settings">what you are told, and how often</a> ·
<a href="{{.Stop}}">no more of these mails</a></p>
{{end}}</body></html>
`

// bodies gives what a mail says as plain text and as a page.
func (w *written) bodies() (plain, page string, err error) {
	var p, h bytes.Buffer
	t, err := text.New("mail").Parse(plainMail)
	if err == nil {
		err = t.Execute(&p, w)
	}
	if err != nil {
		return "", "", fmt.Errorf("write a mail: %w", err)
	}
	g, err := html.New("mail").Parse(pageMail)
	if err == nil {
		err = g.Execute(&h, w)
	}
	if err != nil {
		return "", "", fmt.Errorf("write a mail as a page: %w", err)
	}
	return p.String(), h.String(), nil
}
