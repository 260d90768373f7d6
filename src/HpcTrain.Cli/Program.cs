using HpcTrain.Cli.CommandLine;
using HpcTrain.CommandLine;

namespace HpcTrain.Cli;

internal static class Program
{
    private static int Main(string[] args)
    {
        try
        {
            if (args is ["--version"])
            {
                Console.WriteLine($"hpctrain {ProductVersion.Text}");
                return ExitCodes.Ok;
            }
            return CommandFamilies.Table.Run(args);
        }
        catch (Exception exception)
        {
            return ErrorReport.Print(exception, Console.Error);
        }
    }
}
