using System.Diagnostics;

namespace HDF.PInvoke.Tests;

/// <summary>The other side of each test: h5py and h5dump, programs that read and write HDF5 by themselves.</summary>
internal static class Outside
{
    private const string Python = "/usr/bin/python3";

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private static readonly Lazy<bool> HasH5py = new(() => File.Exists(Python) && Run(Python, ["-c", "import h5py"]).ExitCode == 0);

    /// <summary>Runs a Python script with h5py and returns what it prints; skips the test where h5py is not installed.</summary>
    public static string RunH5py(string script, params string[] arguments)
    {
        if (!HasH5py.Value)
            Assert.Ignore("h5py is not installed (Debian: apt install python3-h5py)");
        var (exitCode, output, errors) = Run(Python, ["-c", "import sys, json, h5py, numpy as np\n" + script, .. arguments]);
        Assert.That(exitCode, Is.Zero, errors);
        return output.Trim();
    }

    /// <summary>What h5dump prints; skips the test where it is not installed.</summary>
    public static string RunH5dump(params string[] arguments)
    {
        var program = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, "h5dump")).FirstOrDefault(File.Exists);
        if (program is null)
            Assert.Ignore("h5dump is not installed (Debian: apt install hdf5-tools)");
        var (exitCode, output, errors) = Run(program!, arguments);
        Assert.That(exitCode, Is.Zero, errors);
        return output;
    }

    private static (int ExitCode, string Output, string Errors) Run(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Bound))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} did not end in {Bound.TotalSeconds:0} s");
        }
        return (process.ExitCode, output.Result, errors.Result);
    }
}
