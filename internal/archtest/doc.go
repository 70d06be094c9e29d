// Package archtest holds the project's import rules as a test: which package may know which, and why.
package archtest
