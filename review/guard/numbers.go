package guard

// numbers looks for telephone numbers and bank accounts.
func (s *scanner) numbers() {
	for i := 0; i < len(s.b); {
		if s.is(i-1, alnum) {
			i++
			continue
		}
		switch c := s.b[i]; {
		case s.is(i, letter):
			if end := s.account(i); end > 0 {
				s.add(IBAN, i, end, "")
				i = end
				continue
			}
			i = s.run(i, alnum)
		case c == '+', c == '(', s.is(i, digit):
			i = s.phone(i)
		default:
			i++
		}
	}
}

// account gives the end of an IBAN at i, or nought: its length is that of its
// country and its check number is right (ISO 13616, modulo 97).
func (s *scanner) account(i int) int {
	if !s.is(i+1, letter) || !s.is(i+2, digit) || !s.is(i+3, digit) {
		return 0
	}
	length := ibanLengths[s.lower(i, i+2)]
	if length == 0 {
		return 0
	}
	rest, end := 0, i
	for n := 0; n < length; n++ {
		if n > 0 && (s.byteAt(end) == ' ' || s.byteAt(end) == '-') {
			end++
		}
		if !s.is(end, digit|upper|lower) {
			return 0
		}
		if n >= 4 {
			rest = appended(rest, s.b[end])
		}
		end++
		s.steps++
	}
	for k := range 4 { // the country and the check number go last
		rest = appended(rest, s.b[i+k])
	}
	if s.is(end, alnum) || rest != 1 {
		return 0
	}
	return end
}

// appended gives the rest modulo 97 of a number with one more digit, or a
// letter that counts as two.
func appended(rest int, c byte) int {
	if c >= '0' && c <= '9' {
		return (rest*10 + int(c-'0')) % 97
	}
	return (rest*100 + int(c|0x20-'a') + 10) % 97
}

// dialled is a run of digits and of what people write between them.
type dialled struct {
	start, end int
	digits     [maxDialled]byte
	count      int // more than fit: no telephone number
	groups     int
	signs      int // besides blanks
}

const maxDialled = 18 // E.164 has 15, and 00 may stand before them

// phone looks at the run of digits at i and gives where to go on.
func (s *scanner) phone(i int) int {
	d, next := s.dial(i)
	if s.isPhone(&d) {
		s.add(Phone, d.start, d.end, "")
		return d.end
	}
	return next
}

// dial reads a run of digits. It ends with the last digit.
func (s *scanner) dial(i int) (dialled, int) {
	d := dialled{start: i, end: i}
	k, between := i, 0
	if s.b[k] == '+' {
		k++
	}
	for ; k < len(s.b); k++ {
		c := s.b[k]
		if s.is(k, digit) {
			if d.count < maxDialled {
				d.digits[d.count] = c - '0'
			}
			if between > 0 || d.count == 0 {
				d.groups++
			}
			d.count++
			d.end, between = k+1, 0
			continue
		}
		if between++; between > 3 || c != ' ' && c != '-' && c != '.' && c != '/' && c != '(' && c != ')' {
			break
		}
		if c != ' ' {
			d.signs++
		}
	}
	s.steps += k - i + 1
	return d, max(k, i+1)
}

// isPhone says whether a run of digits is a telephone number: in a form that
// nothing else has, or where the words before say so.
func (s *scanner) isPhone(d *dialled) bool {
	if d.count < 7 || d.count > 17 || s.is(d.end, alnum) || s.byteAt(d.start-1) == '.' || s.byteAt(d.start-1) == '-' {
		return false
	}
	if s.b[d.start] == '+' {
		return d.count >= 8 && d.count <= 15 && countryCode(d.digits[:d.count])
	}
	if d.digits[0] == 0 && d.digits[1] == 0 && d.groups > 2 && d.count >= 10 && countryCode(d.digits[2:d.count]) {
		return true
	}
	if d.count <= 15 && s.american(d) {
		return true
	}
	if years := d.digits[:d.count]; d.groups == 2 && d.count == 8 && (years[0] == 1 || years[0] == 2) && (years[4] == 1 || years[4] == 2) {
		return false // 2019-2023
	}
	if d.groups < 2 && d.digits[0] != 0 && d.count < 10 || d.count > 15 {
		return false
	}
	return s.wordsBefore(d.start, 3, func(w string) bool { return calling[w] })
}

// american says whether a run is written as (415) 555-0132 or 415-555-0132,
// with or without a 1 before it.
func (s *scanner) american(d *dialled) bool {
	ten := d.digits[:d.count]
	if len(ten) == 11 && ten[0] == 1 {
		ten = ten[1:]
	}
	if len(ten) != 10 || ten[0] < 2 || ten[3] < 2 {
		return false
	}
	end := d.end
	if !s.is(end-1, digit) || s.back(end, digit, 5) != end-4 || s.is(end-5, digit) || s.back(end-5, digit, 4) != end-8 {
		return false
	}
	k := end - 8
	if s.byteAt(k-1) == ' ' && s.byteAt(k-2) == ')' {
		k--
	}
	if s.byteAt(k-1) == ')' {
		return s.back(k-1, digit, 4) == k-4 && s.byteAt(k-5) == '('
	}
	return s.byteAt(k-1) == s.byteAt(end-5) && s.byteAt(k-1) == '-' && s.back(k-1, digit, 4) == k-4
}

// countryCode says whether digits begin with a country code that is in use
// (ITU-T E.164).
func countryCode(digits []byte) bool {
	n := 0
	for k, d := range digits[:min(3, len(digits))] {
		n = n*10 + int(d)
		if k == 0 && (n == 1 || n == 7) || k == 1 && twoDigitCodes[n] || k == 2 && threeDigits(n) {
			return true
		}
	}
	return false
}

// threeDigits says whether a country code of three digits is in use, by the
// tens that are.
func threeDigits(n int) bool {
	switch n / 10 {
	case 21, 22, 23, 24, 25, 26, 29, 35, 37, 38, 42, 50, 59, 67, 68, 69, 80, 85, 87, 88, 96, 97, 99:
		return true
	}
	return false
}
