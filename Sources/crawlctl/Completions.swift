package import ArgumentParser

/// `crawlctl completions SHELL`
package struct Completions: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "Prints a script that completes crawlctl's verbs and options in a shell.",
    discussion: """
      bash: crawlctl completions bash > ~/.local/share/bash-completion/completions/crawlctl
      zsh:  crawlctl completions zsh > a folder of $fpath, as _crawlctl
      fish: crawlctl completions fish > ~/.config/fish/completions/crawlctl.fish
      """)

  @Argument(help: ArgumentHelp("bash, zsh or fish.", valueName: "shell")) var shell: Shell

  enum Shell: String, ExpressibleByArgument, CaseIterable, Sendable {
    case bash, zsh, fish
  }

  package init() {}

  package func run() throws {
    let shell: CompletionShell =
      switch self.shell {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    Output.write(Crawlctl.completionScript(for: shell) + "\n")
  }
}
