package flowfile

import (
	"errors"
	"fmt"
	"io"

	"hotline/ivr"
)

// CheckMain is `hotline flow check FILE...`: it prints every fault as FILE:LINE:COLUMN: MESSAGE (REMEDY) and returns the
// exit code, 1 when there was a fault that is more than a warning. Queues are not checked, since they are in the
// database; surveys are when at least one of the files is a survey.
func CheckMain(stdout io.Writer, paths []string) int {
	code, report := checkFiles(paths)
	if _, err := io.WriteString(stdout, report); err != nil {
		return 1
	}
	return code
}

func checkFiles(paths []string) (code int, report string) {
	if len(paths) == 0 {
		return 1, "name at least one file or folder to check\n"
	}
	set, err := Load(ivr.Known{}, paths...)
	var faults Faults
	switch {
	case errors.As(err, &faults):
		code = 1
	case err != nil:
		return 1, err.Error() + "\n"
	default:
		faults = set.Warnings
	}
	for _, f := range faults {
		report += f.String() + "\n"
	}
	if code == 0 {
		report += fmt.Sprintf("no fault in %d flow(s) and %d survey(s)\n", len(set.Flows), len(set.Surveys))
	}
	return code, report
}
