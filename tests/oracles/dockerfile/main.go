// Reads Dockerfiles as BuildKit does. Each line of the input is a Dockerfile as a JSON string; each line of the output
// says what BuildKit takes it for: an error, or its instructions, with the values that they set.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

type command struct {
	Name    string            `json:"name"`
	Start   int               `json:"start"`
	Values  map[string]string `json:"values,omitempty"`
	Words   []string          `json:"words,omitempty"`
	IsShell bool              `json:"is_shell,omitempty"`
	Files   []string          `json:"files,omitempty"`
}

type answer struct {
	Error    string    `json:"error,omitempty"`
	Escape   string    `json:"escape,omitempty"`
	Warnings []string  `json:"warnings,omitempty"`
	Stages   []string  `json:"stages,omitempty"`
	Commands []command `json:"commands,omitempty"`
}

type noEnvironment struct{}

func (noEnvironment) Get(string) (string, bool) { return "", false }
func (noEnvironment) Keys() []string            { return nil }

func expanded(lex *shell.Lex, word string) string {
	result, err := lex.ProcessWordWithMatches(word, noEnvironment{})
	if err != nil {
		return "error: " + err.Error()
	}
	return result.Result
}

func pairs(lex *shell.Lex, given instructions.KeyValuePairs) map[string]string {
	found := map[string]string{}
	for _, pair := range given {
		found[expanded(lex, pair.Key)] = expanded(lex, pair.Value)
	}
	return found
}

func words(lex *shell.Lex, given []string) []string {
	found := make([]string, len(given))
	for number, word := range given {
		found[number] = expanded(lex, word)
	}
	return found
}

func described(lex *shell.Lex, given instructions.Command) command {
	found := command{Name: strings.ToUpper(given.Name())}
	if location := given.Location(); len(location) > 0 {
		found.Start = location[0].Start.Line
	}
	shellCommand := func(line instructions.ShellDependantCmdLine) {
		found.Words, found.IsShell = line.CmdLine, line.PrependShell
		for _, file := range line.Files {
			found.Files = append(found.Files, file.Data)
		}
	}
	switch one := given.(type) {
	case *instructions.EnvCommand:
		found.Values = pairs(lex, one.Env)
	case *instructions.LabelCommand:
		found.Values = pairs(lex, one.Labels)
	case *instructions.ArgCommand:
		found.Values = map[string]string{}
		for _, argument := range one.Args {
			found.Values[argument.Key] = ""
			if argument.Value != nil {
				found.Values[argument.Key] = expanded(lex, *argument.Value)
			}
		}
	case *instructions.RunCommand:
		shellCommand(one.ShellDependantCmdLine)
	case *instructions.CmdCommand:
		shellCommand(one.ShellDependantCmdLine)
	case *instructions.EntrypointCommand:
		shellCommand(one.ShellDependantCmdLine)
	case *instructions.HealthCheckCommand:
		found.Words = one.Health.Test
	case *instructions.ShellCommand:
		found.Words = one.Shell
	case *instructions.ExposeCommand:
		found.Words = words(lex, one.Ports)
	case *instructions.VolumeCommand:
		found.Words = words(lex, one.Volumes)
	case *instructions.UserCommand:
		found.Words = words(lex, []string{one.User})
	case *instructions.WorkdirCommand:
		found.Words = words(lex, []string{one.Path})
	case *instructions.StopSignalCommand:
		found.Words = words(lex, []string{one.Signal})
	case *instructions.MaintainerCommand:
		found.Words = []string{one.Maintainer}
	case *instructions.OnbuildCommand:
		found.Words = []string{one.Expression}
	case *instructions.CopyCommand:
		found.Words = words(lex, append(append([]string{}, one.SourcePaths...), one.DestPath))
	case *instructions.AddCommand:
		found.Words = words(lex, append(append([]string{}, one.SourcePaths...), one.DestPath))
	}
	return found
}

func read(text string) answer {
	parsed, err := parser.Parse(strings.NewReader(text))
	if err != nil {
		return answer{Error: err.Error()}
	}
	found := answer{Escape: string(parsed.EscapeToken)}
	for _, warning := range parsed.Warnings {
		found.Warnings = append(found.Warnings, warning.Short)
	}
	stages, arguments, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		return answer{Error: err.Error()}
	}
	lex := shell.NewLex(parsed.EscapeToken)
	for number := range arguments {
		found.Commands = append(found.Commands, described(lex, &arguments[number]))
	}
	for _, stage := range stages {
		found.Stages = append(found.Stages, stage.BaseName)
		for _, one := range stage.Commands {
			found.Commands = append(found.Commands, described(lex, one))
		}
	}
	return found
}

func main() {
	input := bufio.NewReader(os.Stdin)
	output := json.NewEncoder(os.Stdout)
	output.SetEscapeHTML(false)
	for {
		line, err := input.ReadBytes('\n')
		if len(line) > 1 {
			var text string
			if err := json.Unmarshal(line, &text); err != nil {
				panic(err)
			}
			if err := output.Encode(read(text)); err != nil {
				panic(err)
			}
		}
		if err != nil {
			return
		}
	}
}
