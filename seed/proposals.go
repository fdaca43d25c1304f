package seed

import "github.com/atelier-attack/atelier/review/attack"

// deviceCode gets through after one round of review.
func deviceCode() contribution {
	return contribution{
		key: "device-code", kind: attack.NewSubtechnique, object: "T1528",
		rationale: "The device flow has a defender of its own (conditional access on the flow, sign-in logs by grant type), which the parent's text does not tell apart from consent to a malicious application.",
		content: attack.Content{
			attack.FieldName:      text("Device Code Authorization"),
			attack.FieldTactics:   list("credential-access"),
			attack.FieldPlatforms: list("Identity Provider", "Office Suite", "SaaS"),
			attack.FieldDescription: text("Adversaries may begin the sign-in flow that is meant for devices without a keyboard, such as meeting room displays and command-line tools, and have somebody else complete it. " +
				"The adversary asks the identity provider for a device code and a short user code, hands the user code over under a pretext, for example as the access code of an online meeting, and waits. " +
				"The person types it into the provider's own page, where address, certificate and prompt are all genuine, and the tokens go to whoever began the flow.(Citation: Example Labs Device Codes)"),
			attack.FieldReferences: sources(attack.Reference{SourceName: "Example Labs Device Codes",
				Description: "Example Labs. (2026, March 4). Signing in for somebody else: abuse of the device flow. Retrieved September 2, 2026.",
				URL:         "https://labs.example.org/reports/device-codes"}),
		},
	}
}

func deviceCodeRevised() attack.Content {
	first := deviceCode().content
	return attack.Content{
		attack.FieldDescription: text(first[attack.FieldDescription].Text + "\n\n" +
			"Nothing in this flow is forged: there is no foreign domain to block, and a phishing-resistant factor is used by the right person, only for the wrong session. " +
			"The refresh token that the adversary ends up with commonly outlives a change of the password and can be exchanged for tokens of other resources of the same family of clients.(Citation: Northlight Token Families) " +
			"Adversaries may go on to register a device of their own with it ((LinkById: T1098.005)) or to collect mail ((LinkById: T1114.002))."),
		attack.FieldReferences: sources(append(first[attack.FieldReferences].References, attack.Reference{SourceName: "Northlight Token Families",
			Description: "Northlight Research. (2025, November 18). Families of clients, families of tokens. Retrieved September 2, 2026.",
			URL:         "https://northlight.example.net/token-families"})...),
	}
}

// registeredDevice is a procedure example that is accepted at once.
func registeredDevice() contribution {
	return contribution{
		key: "registered-device", kind: attack.ProcedureExample, object: "T1098.005", source: "S0684",
		rationale: "The tool's own documentation describes it, and the technique has no example yet that does it from a token alone.",
		content: attack.Content{
			attack.FieldDescription: text("(LinkById: S0684) can register a device with a tenant by means of an access token that was obtained elsewhere, and request a primary refresh token for it.(Citation: Sample Identity Registered Devices)"),
			attack.FieldReferences: sources(attack.Reference{SourceName: "Sample Identity Registered Devices",
				Description: "Sample Identity. (2026, January 22). From one token to a device that is trusted. Retrieved September 3, 2026.",
				URL:         "https://identity.example.com/registered-devices"}),
		},
	}
}

// rogueRunner waits for its author: changes were requested.
func rogueRunner() contribution {
	return contribution{
		key: "rogue-runner", kind: attack.NewTechnique,
		rationale: "Pipelines appear as a place of execution, but not as a place to stay. A runner that the adversary owns is invited back by every build.",
		content: attack.Content{
			attack.FieldName:      text("Rogue Build Runner Registration"),
			attack.FieldTactics:   list("persistence", "credential-access"),
			attack.FieldPlatforms: list("SaaS", "Linux", "Windows"),
			attack.FieldDescription: text("Adversaries may register a machine of their own as a runner of a build system, so that the system sends it jobs. " +
				"Many build systems accept a new runner from anyone who holds a registration token, which is often found in the settings of a project, in images of machines, or in the output of earlier jobs. " +
				"A runner that claims a label in common use receives jobs of unrelated projects together with their source code and secrets, and comes back into use with every build, also after the credential that was used at first has been changed.(Citation: Paper Lantern Runners)"),
			attack.FieldReferences: sources(attack.Reference{SourceName: "Paper Lantern Runners",
				Description: "Paper Lantern. (2026, June 11). Whose runner is it? Registration tokens in the open. Retrieved September 4, 2026.",
				URL:         "https://paperlantern.example.org/runners"}),
		},
	}
}

// buildCache is on a reviewer's desk.
func buildCache() contribution {
	return contribution{
		key: "build-cache", kind: attack.NewSubtechnique, object: "T1195",
		rationale: "Neither the dependencies nor the source are touched, so controls on both (pinning, review, signatures on commits) do not see it.",
		content: attack.Content{
			attack.FieldName:      text("Compromise Build Cache"),
			attack.FieldTactics:   list("initial-access"),
			attack.FieldPlatforms: list("Linux", "macOS", "SaaS", "Windows"),
			attack.FieldDescription: text("Adversaries may place altered content into a cache that builds share, so that a later build with more rights restores and uses it. " +
				"Build systems keep downloaded dependencies, compiler output and layers of images between jobs to save time, and look them up by a key that a job chooses itself, such as a hash of a lock file. " +
				"Where jobs on untrusted branches may write entries that jobs on protected branches read, an adversary who can open a merge request can prepare the entry that the next release build will ask for.(Citation: Example Labs Build Caches) " +
				"The source code, the dependencies' own registries and the definition of the pipeline all stay as they were, unlike in (LinkById: T1195.001) and (LinkById: T1677)."),
			attack.FieldReferences: sources(attack.Reference{SourceName: "Example Labs Build Caches",
				Description: "Example Labs. (2025, December 9). Warm and poisonous: shared caches in build systems. Retrieved September 4, 2026.",
				URL:         "https://labs.example.org/reports/build-caches"}),
		},
	}
}

// federatedCredential waits for a reviewer.
func federatedCredential() contribution {
	return contribution{
		key: "federated-credential", kind: attack.NewSubtechnique, object: "T1098",
		rationale: "Inventories of secrets and certificates do not list it, and rotation does not end it. It deserves its own detection.",
		content: attack.Content{
			attack.FieldName:      text("Workload Identity Federation"),
			attack.FieldTactics:   list("persistence", "privilege-escalation"),
			attack.FieldPlatforms: list("IaaS", "Identity Provider"),
			attack.FieldDescription: text("Adversaries may make an application or a service account trust tokens of an issuer that they control. " +
				"Cloud platforms let a workload elsewhere, such as a build job, exchange a token of its own issuer for one of the platform, once an issuer, a subject and an audience have been entered for the account. " +
				"An adversary who may edit the account can enter an issuer of their own and from then on obtain tokens at will, without a secret that could be found, rotated or that would expire.(Citation: Harbour Notes Federation)"),
			attack.FieldReferences: sources(attack.Reference{SourceName: "Harbour Notes Federation",
				Description: "Harbour Notes. (2026, May 20). Trust without a secret: federated credentials as a back door. Retrieved September 5, 2026.",
				URL:         "https://notes.example.com/federated-credentials"}),
		},
	}
}

// pipelinePlatforms refines a technique.
func pipelinePlatforms() contribution {
	return contribution{
		key: "pipeline-platforms", kind: attack.Refinement, object: "T1677",
		rationale: "The injected commands run where the job runs: in a container or on a runner, most often with Linux. Filters by platform miss the technique today.",
		content:   attack.Content{attack.FieldPlatforms: list("Containers", "Linux", "SaaS")},
	}
}

// aiStuffing is rejected, with a reason.
func aiStuffing() contribution {
	return contribution{
		key: "ai-stuffing", kind: attack.NewTechnique,
		rationale: "Language models lower the effort of adapting a script to each sign-in form.",
		content: attack.Content{
			attack.FieldName:        text("AI-Assisted Credential Stuffing"),
			attack.FieldTactics:     list("credential-access"),
			attack.FieldPlatforms:   list("Identity Provider", "SaaS"),
			attack.FieldDescription: text("Adversaries may use language models to write and adapt the scripts with which they try leaked pairs of names and passwords against many sign-in forms.(Citation: Sample Identity Scripts)"),
			attack.FieldReferences: sources(attack.Reference{SourceName: "Sample Identity Scripts",
				Description: "Sample Identity. (2026, July 1). Scripts that write themselves. Retrieved September 5, 2026.",
				URL:         "https://identity.example.com/scripts"}),
		},
	}
}

// helpDesk is a draft that only its author sees.
func helpDesk() contribution {
	return contribution{
		key: "help-desk", kind: attack.NewSubtechnique, object: "T1656",
		rationale: "Still to find: a public source for the second paragraph.",
		content: attack.Content{
			attack.FieldName:      text("Help Desk Caller"),
			attack.FieldPlatforms: list("Identity Provider", "SaaS"),
			attack.FieldDescription: text("Adversaries may call a help desk in the name of somebody who works there and ask for a factor to be enrolled anew. " +
				"They prepare with what a desk commonly asks for, and choose the hours at which the desk is least likely to know the voice."),
		},
	}
}
