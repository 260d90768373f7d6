using System.Diagnostics;
using HpcTrain.Testing;

namespace HpcTrain.Cli.Tests;

/// <summary>What a program said and how it ended.</summary>
internal sealed record ProgramRun(int ExitCode, string Output, string Errors)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    /// <summary>The hpctrain of this build.</summary>
    public static string Hpctrain { get; } = BuiltProgram.Find("HpcTrain.Cli", "hpctrain");

    /// <summary>The repository's root: the nearest folder above this build that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    public static ProgramRun Start(string[] arguments, Dictionary<string, string?>? environment = null) =>
        Start(Hpctrain, arguments, environment);

    public static ProgramRun Start(string program, string[] arguments, Dictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? [])
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Bound))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} did not end in {Bound.TotalSeconds:0} s");
        }
        return new(process.ExitCode, output.Result, errors.Result);
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "HpcTrain.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("no HpcTrain.sln above the tests");
        return folder.FullName;
    }
}
