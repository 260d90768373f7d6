using System.Diagnostics;
using System.Text;
using HpcTrain.Testing;

namespace HpcTrain.Training.Tests.Jobs;

/// <summary>A program that ended: its exit code and what it said.</summary>
internal sealed record ProgramResult(int ExitCode, string Output, string Errors)
{
    public string Everything => $"exit code {ExitCode}\n{Output}\n{Errors}";
}

/// <summary>Starts the built programs as a user would, with a bound on their time.</summary>
internal static class Program
{
    private static readonly TimeSpan _bound = TimeSpan.FromSeconds(120);

    /// <summary>The training job that the tests run.</summary>
    public static string Job => BuiltProgram.Find("FashionMnist", "FashionMnist");

    /// <summary>The command-line program.</summary>
    public static string HpcTrain => BuiltProgram.Find("HpcTrain.Cli", "hpctrain");

    /// <summary>Runs a program to its end.</summary>
    public static ProgramResult Run(string program, IEnumerable<string> arguments, string? directory = null, params (string Name, string Value)[] environment)
    {
        using var running = Start(program, arguments, directory, environment);
        return running.Wait();
    }

    /// <summary>Starts a program.</summary>
    public static RunningProgram Start(string program, IEnumerable<string> arguments, string? directory = null, params (string Name, string Value)[] environment)
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = directory ?? Path.GetTempPath(),
        };
        info.Environment["HPCTRAIN_PROGRESS"] = "lines";
        info.Environment.Remove("HPCTRAIN_DATA");
        info.Environment.Remove("HPCTRAIN_RUNS");
        foreach (var (name, value) in environment)
        {
            info.Environment[name] = value;
        }

        return new RunningProgram(Process.Start(info)!, _bound);
    }
}

/// <summary>A started program. Disposing it ends it and all it started.</summary>
internal sealed class RunningProgram : IDisposable
{
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly TimeSpan _bound;

    public RunningProgram(Process process, TimeSpan bound)
    {
        Process = process;
        _bound = bound;
        process.OutputDataReceived += (_, e) => Append(_output, e.Data);
        process.ErrorDataReceived += (_, e) => Append(_errors, e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.StandardInput.Close();
    }

    public Process Process { get; }

    public ProgramResult Wait()
    {
        if (!Process.WaitForExit(_bound))
        {
            Process.Kill(entireProcessTree: true);
            Process.WaitForExit();
            Assert.Fail($"{Process.StartInfo.FileName} {string.Join(' ', Process.StartInfo.ArgumentList)} was not done after {_bound.TotalSeconds} s:\n{Text(_output)}\n{Text(_errors)}");
        }

        Process.WaitForExit(); // the readers have seen everything
        return new ProgramResult(Process.ExitCode, Text(_output), Text(_errors));
    }

    public void Dispose()
    {
        if (!Process.HasExited)
        {
            Process.Kill(entireProcessTree: true);
        }

        Process.Dispose();
    }

    private static void Append(StringBuilder text, string? line)
    {
        lock (text)
        {
            text.AppendLine(line);
        }
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }
}
