package review_test

import (
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
)

// names gives whom an accepted proposal names: of those that came with its text,
// who is vouched for and who is not.
func (d *desk) names(p review.Proposal) (names, vouched, unvouched []string) {
	d.t.Helper()
	all, err := d.AcceptedIn(d.db, d.workshop)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, a := range all {
		if a.Proposal.ID == p.ID {
			return a.Names, a.Vouched, a.Unvouched
		}
	}
	d.t.Fatalf("#%d is not accepted", p.Number)
	return nil, nil, nil
}

// TestNobodyIsNamedWhoDidNotAgree: who had a part is recorded, and is named when
// they agree, in their form, until they do not any more.
func TestNobodyIsNamedWhoDidNotAgree(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d, ctx := open(t, db), t.Context()
		p := d.submit(d.start(attack.NewTechnique, "", good()))
		p, err := d.verdict(d.rob, p, review.ActionApprove)
		if err != nil {
			t.Fatal(err)
		}
		if p, err = d.Thank(ctx, d.ana, p.ID, review.Thanks{Users: []string{d.mia.User}}); err != nil {
			t.Fatal(err)
		}
		want := []review.Credit{{User: d.ana.User, Did: []review.Deed{review.Wrote}, Answer: review.AnswerNone},
			{User: d.rob.User, Did: []review.Deed{review.Reviewed}, Answer: review.AnswerNone},
			{User: d.mia.User, Did: []review.Deed{review.Helped}, Answer: review.AnswerNone}}
		if !slices.EqualFunc(p.Credits, want, func(a, b review.Credit) bool {
			return a.User == b.User && slices.Equal(a.Did, b.Did) && a.Answer == b.Answer && a.NamedAs == b.NamedAs
		}) {
			t.Errorf("credits are %+v", p.Credits)
		}
		if names, _, _ := d.names(p); len(names) != 0 {
			t.Errorf("named without having agreed: %v", names)
		}
		for _, c := range []struct {
			who  review.Actor
			in   review.Naming
			want []string
		}{
			{d.rob, review.Naming{Answer: review.AnswerNamed, NamedAs: " @rob, Teapot Guild "}, []string{"@rob, Teapot Guild"}},
			{d.ana, review.Naming{Answer: review.AnswerNamed, NamedAs: "Ana Pour"}, []string{"Ana Pour", "@rob, Teapot Guild"}},
			{d.mia, review.Naming{Answer: review.AnswerNamed, NamedAs: "ana  pour"}, []string{"Ana Pour", "@rob, Teapot Guild"}},
			{d.mia, review.Naming{Answer: review.AnswerUnnamed, NamedAs: "Mia"}, []string{"Ana Pour", "@rob, Teapot Guild"}},
			{d.ana, review.Naming{Answer: review.AnswerDefault}, []string{"@rob, Teapot Guild"}},
		} {
			if p, err = d.NameMeIn(ctx, c.who, p.ID, c.in); err != nil {
				t.Fatal(err)
			}
			if names, _, _ := d.names(p); !slices.Equal(names, c.want) {
				t.Errorf("%+v: %v are named", c.in, names)
			}
		}
		for _, c := range []struct {
			in   review.Naming
			want []string
		}{
			{review.Naming{Answer: review.AnswerNamed, NamedAs: "Ana P."}, []string{"Ana P.", "@rob, Teapot Guild"}},
			{review.Naming{Answer: review.AnswerNone}, []string{"@rob, Teapot Guild"}},
		} {
			if _, err := d.NameMe(ctx, d.ana.User, c.in); err != nil {
				t.Fatal(err)
			}
			if now, err := d.Naming(ctx, d.ana.User); err != nil || now != c.in {
				t.Errorf("kept is %+v, %v", now, err)
			}
			if names, _, _ := d.names(p); !slices.Equal(names, c.want) {
				t.Errorf("%+v for all: %v are named", c.in, names)
			}
		}
		if told := d.events(review.KindNaming); len(told) != 2 || !strings.Contains(told[0], `"named_as":"Ana P."`) {
			t.Errorf("told was %v", told)
		}
		_, err = d.NameMeIn(ctx, review.Actor{User: "nobody", Workshop: d.workshop, Roles: d.ana.Roles}, p.ID, review.Naming{Answer: review.AnswerUnnamed})
		wants(t, "somebody who had no part", err, fault.Forbidden)
		_, err = d.Thank(ctx, d.rob, p.ID, review.Thanks{})
		wants(t, "thanks by somebody else", err, fault.Forbidden)
	})
}

// TestNamesThatCameWithATextAreVouchedFor: nothing that was brought is lost, and
// nobody is named by it alone.
func TestNamesThatCameWithATextAreVouchedFor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		d, ctx := open(t, db), t.Context()
		content := good()
		content[attack.FieldContributors] = attack.Value{List: []string{"Kim Boil, Kettle Works", "Lee Steam"}}
		p := d.submit(d.start(attack.NewTechnique, "", content))
		for _, names := range [][]string{{"Somebody Else"}, {"Lee Steam", "Lee Steam"}} {
			_, err := d.Thank(ctx, d.ana, p.ID, review.Thanks{Names: names})
			wants(t, "names that it does not bring", err, fault.Invalid)
		}
		p, err := d.Thank(ctx, d.ana, p.ID, review.Thanks{Names: []string{"Lee Steam"}})
		if err != nil || len(p.Vouched) != 1 || p.Vouched[0] != (review.Vouched{Name: "Lee Steam", By: d.ana.User}) {
			t.Fatalf("vouched for are %+v, %v", p.Vouched, err)
		}
		if p, err = d.verdict(d.rob, p, review.ActionApprove); err != nil {
			t.Fatal(err)
		}
		names, vouched, unvouched := d.names(p)
		if len(names) > 0 || !slices.Equal(vouched, []string{"Lee Steam"}) || !slices.Equal(unvouched, []string{"Kim Boil, Kettle Works"}) {
			t.Errorf("%v and %v are named and %v are not", names, vouched, unvouched)
		}
		if p, err = d.Thank(ctx, d.ana, p.ID, review.Thanks{}); err != nil || len(p.Vouched) != 0 {
			t.Errorf("taken back: %+v, %v", p.Vouched, err)
		}
		if now, err := d.Get(ctx, d.ana, p.ID); err != nil || len(field(now, attack.FieldContributors).List) != 2 {
			t.Errorf("the text says %+v, %v", now.Content, err)
		}
	})
}

func TestHowSomebodyIsNamed(t *testing.T) {
	d, ctx := open(t, storetest.Open(t)), t.Context()
	p := d.submit(d.start(attack.NewTechnique, "", good()))
	for _, as := range []string{"", "  ", "Ana\nPour", "Ana\x00", "A\u202eB", "A\xff", strings.Repeat("é", 151), "ana@kettle-works.de", "Ana, 10.20.30.40", "Ana, https://kettle.invalid/x"} {
		in := review.Naming{Answer: review.AnswerNamed, NamedAs: as}
		_, err := d.NameMeIn(ctx, d.ana, p.ID, in)
		wants(t, "named as "+as, err, fault.Invalid)
		_, err = d.NameMe(ctx, d.ana.User, in)
		wants(t, "named everywhere as "+as, err, fault.Invalid)
	}
	for _, answer := range []review.Answer{"", "maybe", review.AnswerNone} {
		_, err := d.NameMeIn(ctx, d.ana, p.ID, review.Naming{Answer: answer})
		wants(t, "the answer "+string(answer), err, fault.Invalid)
	}
	for _, as := range []string{"Ana Silva, Example CERT", "@ana_pour", "Ána O’Pour-Lee (Teapot Guild)", "王小明, 茶壶公司", strings.Repeat("é", 150)} {
		if _, err := d.NameMeIn(ctx, d.ana, p.ID, review.Naming{Answer: review.AnswerNamed, NamedAs: as}); err != nil {
			t.Errorf("%q: %v", as, err)
		}
	}
}
