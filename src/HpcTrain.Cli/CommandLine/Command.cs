namespace HpcTrain.Cli.CommandLine;

/// <summary>One word of the command line: its name, a line about it, and what runs with the words that follow it.</summary>
/// <param name="Name">The word as typed.</param>
/// <param name="Summary">One line without a full stop, shown in the help of the table that holds the command.</param>
/// <param name="Run">Runs the command with the remaining words; returns the exit code.</param>
internal sealed record Command(string Name, string Summary, Func<string[], int> Run);
