namespace HpcTrain.Cli.CommandLine;

/// <summary>What the exit status of hpctrain says. Scripts may rely on these numbers.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;
    public const int InternalError = 1;
    public const int Usage = 2;
    public const int BadData = 3;
    public const int Environment = 4;
    public const int InputOutput = 5;

    public const string Help =
        "Exit codes:\n" +
        "  0  done\n" +
        "  1  internal error: please report it\n" +
        "  2  wrong usage: an unknown command, option or value\n" +
        "  3  bad data: missing, damaged or not of the expected kind\n" +
        "  4  environment: a launcher or library is missing, or two of them do not match\n" +
        "  5  input or output: a file or folder cannot be read or written, or the disk is full\n";
}
