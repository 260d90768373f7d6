using System.Diagnostics;
using HpcTrain.Testing;

namespace HpcTrain.Slurm.Tests;

/// <summary>What a command said and how it ended.</summary>
internal sealed record Command(int ExitCode, string Output, string Errors)
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(60);

    /// <summary>The repository's root: the nearest folder above this build that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The hpctrain of this build.</summary>
    public static string Hpctrain { get; } = BuiltProgram.Find("HpcTrain.Cli", "hpctrain");

    /// <summary>Everything, for messages of failed tests.</summary>
    public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Errors}";

    /// <summary>Runs a command to its end; fails the test when that does not come within a minute.</summary>
    public static Command Run(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        using Process process = Start(program, arguments, environment);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(s_bound))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} did not end in {s_bound.TotalSeconds:0} s");
        }
        return new(process.ExitCode, output.Result, errors.Result);
    }

    /// <summary>Starts a command; its output waits to be read.</summary>
    public static Process Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    /// <summary>Asks again and again until the answer is yes.</summary>
    /// <param name="what">What is waited for, for the message when it does not come.</param>
    /// <param name="isThere">The question.</param>
    /// <param name="seconds">The bound.</param>
    public static void WaitFor(string what, Func<bool> isThere, double seconds = 30)
    {
        var clock = Stopwatch.StartNew();
        while (!isThere())
        {
            if (clock.Elapsed.TotalSeconds > seconds)
                Assert.Fail($"waited {seconds:0} s for {what}");
            Thread.Sleep(50);
        }
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "HpcTrain.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("no HpcTrain.sln above the tests");
        return folder.FullName;
    }
}
