using HpcTrain.Cli.CommandLine;

namespace HpcTrain.Cli.Info;

internal static class InfoCommand
{
    public static int Run(string[] args)
    {
        if (OptionParser.Parse<InfoOptions>("hpctrain info", "What this machine offers to HpcTrain.", args) is not { } options)
            return ExitCodes.Ok;
        Console.WriteLine(options.Json ? $"{{\"dotnet\":{{\"version\":\"{Environment.Version}\"}}}}" : $".NET {Environment.Version}");
        return ExitCodes.Ok;
    }
}
