package seed

import (
	"fmt"
	"time"

	"github.com/atelier-attack/atelier/app/workshop"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
)

// demoWorkshop is on now: its agenda began an hour ago, or as close to that as
// the day allows.
func demoWorkshop(domain string, now time.Time) workshop.Workshop {
	first := min(max(now.Hour()-1, 0), 18)
	at := func(hours, minutes int) string { return fmt.Sprintf("%02d:%02d", first+hours, minutes) }
	return workshop.Workshop{
		Brief: workshop.Brief{Name: "Identity and Build Systems", StartsOn: now.Format(time.DateOnly), EndsOn: now.AddDate(0, 0, 1).Format(time.DateOnly),
			Place: "Hall 2, Old Weaving Mill", TLP: "green"},
		Summary: "Two days on how attackers live in identity providers and build pipelines. We bring behaviour, not victims: what was done, why it works, and where it is written down in public.",
		Domain:  domain,
		Agenda: []workshop.AgendaItem{
			{Title: "Welcome, and reading in silence", StartsAt: at(0, 0), Minutes: 45, Notes: "Read the open proposals before we talk. Leave comments where a sentence is unclear."},
			{Title: "Identity providers: devices, codes and federations", StartsAt: at(0, 45), Minutes: 75, Notes: "Device flow, workload federation, registered devices."},
			{Title: "Break", StartsAt: at(2, 0), Minutes: 20},
			{Title: "Build pipelines: runners and caches", StartsAt: at(2, 20), Minutes: 70, Notes: "One behaviour per technique: where does persistence end and credential access begin?"},
			{Title: "Review round", StartsAt: at(3, 30), Minutes: 60},
			{Title: "Release and thanks", StartsAt: at(4, 30), Minutes: 30},
		},
		JoinOpen: true,
	}
}

// story is what happens in the demo, in order. All of it is made up: people,
// reports and addresses.
func story() []step {
	return []step{
		says(tomasz, "Welcome to the mill, everybody. Today is about **identity providers** and **build systems**. The rule of the house: behaviour only, no victims, no indicators. If you are not sure whether something may be told, it may not."),
		drafts(mirela, deviceCode()), submits(mirela, "device-code", 1),
		drafts(jonas, registeredDevice()), submits(jonas, "registered-device", 1),
		says(mirela, "I have put in the device flow first, because we will need it as a reference for half of the day."),
		comments(kwame, "device-code", attack.FieldDescription, "This reads well. But why does a phishing-resistant factor not help? A reader who knows keys will stop here: say it in one sentence."),
		reviews(kwame, "device-code", review.ActionRequestChanges, 1, "Nearly there. Two things:\n\n1. Say why strong factors do not stop it.\n2. Say what the adversary has at the end, and for how long. That is what a defender has to hunt for."),
		comments(mirela, "device-code", attack.FieldDescription, "Fair. The factor is used, and by the right person; it is only the wrong session that it is used for. I will write that."),
		revises(mirela, "device-code", deviceCodeRevised(), "Says why strong factors do not stop it and what the adversary holds at the end, as asked in the review."),
		submits(mirela, "device-code", 2),
		reviews(kwame, "device-code", review.ActionApprove, 2, "Clear now. I checked the second source; it says what you say."),
		reviews(kwame, "registered-device", review.ActionApprove, 1, "One tool, one behaviour, one public source. More like this, please."),
		drafts(jonas, rogueRunner()), submits(jonas, "rogue-runner", 1),
		drafts(mirela, buildCache()), submits(mirela, "build-cache", 1),
		comments(priya, "rogue-runner", "", "We see both halves of this in practice, but never by the same people. Should it be one technique?"),
		reviews(kwame, "rogue-runner", review.ActionRequestChanges, 1, "Two behaviours in one: *registering* a runner, which is persistence, and *reading the secrets* of the jobs that land on it, which ATT&CK has under (LinkById: T1552). Keep the first and link to the second. Please also say what happens where runners live for one job only."),
		comments(jonas, "rogue-runner", attack.FieldTactics, "Agreed, I will drop credential access from the tactics and move the secrets into a link."),
		reviews(kwame, "build-cache", review.ActionStartReview, 1, ""),
		comments(kwame, "build-cache", attack.FieldParent, "Is the parent right? One could say that a poisoned cache is a poisoned pipeline. I lean to supply chain, because whoever builds next did not invite the adversary in."),
		comments(mirela, "build-cache", attack.FieldParent, "That was my reasoning too: the pipeline itself does what it was told. It is the *material* that is bad."),
		drafts(priya, federatedCredential()), submits(priya, "federated-credential", 1),
		comments(hanna, "federated-credential", attack.FieldName, "How is this different from a secret added to an application? If the answer is “nothing is stored that one could rotate”, put it into the first paragraph."),
		comments(priya, "federated-credential", attack.FieldName, "Exactly that. There is no secret at all, only trust in an outside issuer. I will move it up if the review asks for it."),
		drafts(priya, pipelinePlatforms()), submits(priya, "pipeline-platforms", 1),
		drafts(jonas, aiStuffing()), submits(jonas, "ai-stuffing", 1),
		reviews(kwame, "ai-stuffing", review.ActionReject, 1, "The behaviour at the target is (LinkById: T1110.004) in every respect; which tool writes the script is a matter of resource development. If you have seen a *different* behaviour, such as a change of pace that follows the answers of the lockout policy, propose that."),
		comments(jonas, "ai-stuffing", "", "Accepted without tears. The pacing is the interesting part, I will look for a public source."),
		drafts(priya, helpDesk()),
		says(tomasz, "Two proposals are through, four are open. After the break we go to the build systems. @Kwame Boateng has the cache on his desk."),
		says(priya, "Does anybody have a *public* report on workload federation that is not a vendor's blog? Mine is thin."),
		opens(hanna, "First day", "What was accepted before the break."),
		says(hanna, "There is an open release now, with what is accepted so far. Small and finished beats large and nearly: I publish it after the review round."),
	}
}

func text(s string) attack.Value        { return attack.Value{Text: s} }
func list(words ...string) attack.Value { return attack.Value{List: words} }
func sources(refs ...attack.Reference) attack.Value {
	return attack.Value{References: refs}
}
