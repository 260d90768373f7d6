using System.Text;
using HpcTrain.CommandLine;

namespace HpcTrain.Cli.CommandLine;

/// <summary>
/// The choice of a command by the next word: of a family by the first word, of a verb inside a family by the second.
/// Prints the help of the choice, and says what was meant when a word is unknown.
/// </summary>
/// <param name="path">The words that lead here, such as "hpctrain data".</param>
/// <param name="summary">What the commands below are about, one sentence.</param>
/// <param name="commands">The commands in the order of the help.</param>
internal sealed class CommandTable(string path, string summary, IReadOnlyList<Command> commands)
{
    /// <summary>Lines of the help's "Examples" part.</summary>
    public IReadOnlyList<string> Examples { get; init; } = [];

    /// <summary>Text below the examples, ending in a new line.</summary>
    public string Footer { get; init; } = "";

    public IReadOnlyList<Command> Commands => commands;

    /// <summary>Runs the command that the first word names with the words after it; returns its exit code.</summary>
    /// <exception cref="UsageException">No word, or one that names no command here.</exception>
    public int Run(string[] args)
    {
        if (args is ["--help" or "-h" or "help", ..])
        {
            Console.Out.Write(Help());
            return ExitCodes.Ok;
        }
        if (args.Length == 0)
            throw new UsageException($"a command is missing after '{path}'; the commands are {Names()}; see {path} --help");
        foreach (var command in commands)
            if (command.Name == args[0])
                return command.Run(args[1..]);
        throw Unknown(args[0]);
    }

    public string Help()
    {
        var width = commands.Max(command => command.Name.Length) + 2;
        var text = new StringBuilder().Append(summary).Append("\n\nUsage: ").Append(path).Append(" COMMAND [options]\n\nCommands:\n");
        foreach (var command in commands)
            text.Append("  ").Append(command.Name.PadRight(width)).Append(command.Summary).Append('\n');
        if (Examples.Count > 0)
        {
            text.Append("\nExamples:\n");
            foreach (var example in Examples)
                text.Append("  ").Append(example).Append('\n');
        }
        if (Footer.Length > 0)
            text.Append('\n').Append(Footer);
        return text.ToString();
    }

    private UsageException Unknown(string word)
    {
        var kind = word.StartsWith('-') ? "option" : "command";
        var meant = NearestName.Find(word, commands.Select(command => command.Name));
        return new UsageException(meant is null
            ? $"there is no {kind} '{word}' after '{path}'; the commands are {Names()}; see {path} --help"
            : $"there is no {kind} '{word}' after '{path}'; did you mean '{meant}'? The commands are {Names()}; see {path} --help");
    }

    private string Names() => string.Join(", ", commands.Select(command => command.Name));
}
