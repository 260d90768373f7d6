using System.Diagnostics;
using System.Globalization;
using HpcTrain.Data;

namespace HpcTrain.Cli.Data;

/// <summary>Progress on stderr: a bar that redraws itself on a terminal, a line every ten seconds in a log.</summary>
internal sealed class ProgressLine(TextWriter output, bool terminal) : IDisposable
{
    private const int BarWidth = 30;

    private readonly Stopwatch watch = Stopwatch.StartNew();
    private double nextAt = terminal ? 0.2 : 10;
    private bool drawn;

    public void Report(ImportProgress progress)
    {
        var seconds = watch.Elapsed.TotalSeconds;
        if (seconds < nextAt)
            return;
        nextAt = seconds + (terminal ? 0.1 : 10);
        var of = progress.TotalSamples is { } total ? $" of {Count(total)}" : "";
        Write(progress.Fraction, $"{Count(progress.Samples)}{of} samples, {Count((long)(progress.Samples / seconds))}/s");
    }

    public void Report(int done, int total)
    {
        var seconds = watch.Elapsed.TotalSeconds;
        if (seconds < nextAt)
            return;
        nextAt = seconds + (terminal ? 0.1 : 10);
        Write((double)done / total, $"{done} of {total} shards");
    }

    /// <summary>Removes the bar, so that what follows starts on a clean line.</summary>
    public void Finish()
    {
        if (drawn && terminal)
            output.Write("\r\u001b[K");
        drawn = false;
    }

    public void Dispose() => Finish();

    private void Write(double fraction, string text)
    {
        fraction = Math.Clamp(fraction, 0, 1);
        var percent = string.Create(CultureInfo.InvariantCulture, $"{fraction * 100,3:F0}%");
        if (terminal)
        {
            var filled = (int)(fraction * BarWidth);
            output.Write($"\r[{new string('#', filled)}{new string('.', BarWidth - filled)}] {percent} {text}\u001b[K");
            drawn = true;
        }
        else
            output.WriteLine($"{percent} {text}");
    }

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
