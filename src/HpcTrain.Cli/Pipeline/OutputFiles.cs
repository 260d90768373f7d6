using HpcTrain.Runs;

namespace HpcTrain.Cli.Pipeline;

/// <summary>The files that a command writes beside its report.</summary>
internal static class OutputFiles
{
    /// <summary>Says before any work what cannot be written.</summary>
    public static void Check(params ReadOnlySpan<(string What, string? File)> files)
    {
        foreach (var (what, file) in files)
        {
            if (file is not null && OutputFile.Problem(what, file) is { } problem)
                throw new RunException(problem);
        }
    }

    /// <summary>Writes a file that is asked for.</summary>
    public static void Write(string what, string? file, Func<string> text)
    {
        if (file is null)
            return;
        OutputFile.Write(what, file, text());
        Console.Error.WriteLine($"hpctrain: wrote {file}");
    }
}
