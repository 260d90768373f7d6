namespace HpcTrain.Cli.CommandLine;

/// <summary>A mistake in the command line. The message is one sentence: what is wrong, and what would be right.</summary>
internal sealed class UsageException(string message) : Exception(message);
