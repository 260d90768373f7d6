namespace HpcTrain.Kernels.Tests.Widths;

/// <summary>Run as a program, the test assembly prints the <see cref="SelfCheck"/> of the process, line by line.</summary>
internal static class Program
{
    public static int Main(string[] args)
    {
        if (args is not ["self-check"])
        {
            Console.Error.WriteLine("This is a test assembly; run it by dotnet test. Its own argument is self-check.");
            return 2;
        }
        foreach (string line in SelfCheck.Lines()) Console.WriteLine(line);
        return 0;
    }
}
