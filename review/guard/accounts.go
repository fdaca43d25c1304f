package guard

import "strings"

// accounts looks for accounts in the forms that Windows has: DOMAIN\user and
// security identifiers.
func (s *scanner) accounts() {
	s.hive = -1
	for i := 0; i < len(s.b); {
		if !s.is(i, alnum) {
			s.hiveEnds(i)
			i++
			continue
		}
		s.hiveBegins(i)
		end := s.run(i, name)
		switch {
		case s.stands(i, "s-1-5-21-"):
			s.identifier(i, end)
		case s.byteAt(end) == '\\' && (s.stands(i, "hku\\") || s.stands(i, "hkey_users\\")):
			s.loadedHive(i, end)
		case s.byteAt(end) == '\\':
			s.qualified(i, end)
		}
		i = end
	}
}

// identifier looks at a security identifier of an account or a group of one
// network.
func (s *scanner) identifier(start, end int) {
	const parts = 7 // S-1-5-21, three of the network: what follows is the account
	if strings.Count(string(s.b[start:min(end, start+80)]), "-") < parts-1 || s.runMost(start+2, digit|joining, 80) != min(end, start+82) {
		return
	}
	if s.byteAt(start-1) == '\\' {
		if hive := s.hiveBefore(start); hive >= 0 {
			s.add(Registry, hive, end, string(s.b[hive:start])+"<SID>")
			s.hive = -1
			return
		}
	}
	s.add(User, start, end, "<SID>")
}

// loadedHive looks at the part of the registry that has the users of a machine.
func (s *scanner) loadedHive(start, slash int) {
	user := s.slashEnd(slash)
	end := s.accountEnd(user)
	if end == user || s.stands(user, "s-1-") || !s.is(user, alnum) || everybody(s.lower(user, end)) || roots[s.lower(user, end)] || s.byteAt(end) != '\\' {
		return
	}
	s.add(Registry, start, end, string(s.b[start:user])+"<user>")
}

// hiveBegins notes that a registry path may begin at i, which is the beginning
// of a name.
func (s *scanner) hiveBegins(i int) {
	if s.stands(i, "hk") {
		s.hive = i
	}
}

// hiveEnds notes that no registry path goes on beyond i.
func (s *scanner) hiveEnds(i int) {
	if c := s.b[i]; c == '\n' || c == '"' {
		s.hive = -1
	}
}

// hiveBefore gives where the registry path before i begins, or -1.
func (s *scanner) hiveBefore(i int) int {
	const most = 200
	if s.hive < 0 || i-s.hive > most {
		return -1
	}
	return s.hive
}

// qualified looks at DOMAIN\user.
func (s *scanner) qualified(start, slash int) {
	domain := s.lower(start, min(slash, start+maxDomain+1))
	if len(domain) < 2 || len(domain) > maxDomain || roots[domain] || placeholders[domain] {
		return
	}
	switch s.byteAt(start - 1) {
	case '\\', '/', ':', '%', '$', '.', '<', '>', '*', '}':
		if !s.userSwitch(start) {
			return
		}
	}
	asked := func(w string) bool { return userWords[w] || w == "as" || w == "by" }
	if !s.shouted(token{start: start, end: slash}) && !s.userSwitch(start) && !s.wordsBefore(start, 1, asked) {
		return
	}
	user := slash + 1
	if s.byteAt(user) == '\\' { // escaped
		user++
	}
	end := s.accountEnd(user)
	if end-user < 2 || end-user > maxUser || s.byteAt(end) == '\\' || s.byteAt(end) == '*' || everybody(s.lower(user, end)) || s.fileName(user, end) {
		return
	}
	s.add(User, start, end, "")
}

const (
	maxDomain = 15 // of NetBIOS
	maxUser   = 64
)

// accountEnd gives the end of an account's name at i.
func (s *scanner) accountEnd(i int) int {
	end := i
	for most := i + maxUser + 1; end < most && (s.is(end, name) || s.byteAt(end) == '.' && s.is(end+1, alnum) || s.byteAt(end) == '$'); end++ {
		s.steps++
	}
	return end
}

// fileName says whether a name ends as files do.
func (s *scanner) fileName(start, end int) bool {
	text := s.lower(start, end)
	dot := strings.LastIndexByte(text, '.')
	return dot >= 0 && (fileEnds[text[dot+1:]] || extensions[text[dot+1:]])
}

// everybody says whether the name of an account is on every machine, or stands
// for any.
func everybody(user string) bool {
	if bare := strings.TrimRight(user, "0123456789"); numberedBuiltin[bare] {
		return true
	}
	return builtin[user] || placeholders[user] || strings.HasPrefix(user, "support_388945a0") || strings.HasPrefix(user, "admini")
}

// userSwitch says whether an option of a command that names a user ends before
// i.
func (s *scanner) userSwitch(i int) bool {
	if c := s.byteAt(i - 1); c == '"' || c == '\'' {
		i--
	}
	for _, o := range [...]string{"/user:", "/u:", "--user=", "--user ", "--username ", "--username=", "-username ", "/ru ", "/u "} {
		if s.stands(i-len(o), o) {
			return true
		}
	}
	return false
}
