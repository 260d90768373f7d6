using System.Diagnostics;
using System.Globalization;

namespace HpcTrain.Runs;

/// <summary>
/// What a person at the terminal sees of a run: a bar that redraws in place on a terminal, and one line per tenth of the
/// run where the output goes to a file (<c>sbatch</c>). Under mpirun a rank's own output is a pipe, so the launching
/// process tells by <c>HPCTRAIN_PROGRESS</c> = <c>bar</c>, <c>lines</c> or <c>none</c> what its terminal can do.
/// </summary>
public sealed class ProgressDisplay
{
    /// <summary>The environment variable that selects how progress is shown.</summary>
    public const string Variable = "HPCTRAIN_PROGRESS";

    /// <summary>The environment variable that tells the terminal's width, in columns; 80 where it is not set.</summary>
    public const string WidthVariable = "HPCTRAIN_COLUMNS";

    private const int LongestBar = 28;
    private const int ShortestBar = 4;
    private const int UsualWidth = 80;
    private static readonly TimeSpan _redrawInterval = TimeSpan.FromMilliseconds(100);
    private readonly TextWriter _output;
    private readonly Style _style;
    private readonly int _width;
    private readonly Stopwatch _elapsed = Stopwatch.StartNew();
    private TimeSpan _nextDraw;
    private int _tenths;
    private int _drawn;

    private ProgressDisplay(TextWriter output, Style style, int width)
    {
        _output = output;
        _style = style;
        _width = Math.Max(width, 2);
    }

    private enum Style
    {
        None,
        Lines,
        Bar,
    }

    /// <summary>What a process with a terminal of its own should hand to its ranks.</summary>
    public static string Detect() => Console.IsErrorRedirected ? "lines" : "bar";

    /// <summary>The display that <see cref="Variable"/> asks for, on standard error; nothing on ranks other than 0.</summary>
    public static ProgressDisplay ForRank(int rank) => Create(
        Console.Error,
        rank == 0 ? Environment.GetEnvironmentVariable(Variable) ?? Detect() : "none",
        int.TryParse(Environment.GetEnvironmentVariable(WidthVariable), CultureInfo.InvariantCulture, out var width) ? width : UsualWidth);

    /// <summary>A display of the given style (<c>bar</c>, <c>lines</c>, <c>none</c>) on <paramref name="output"/>, that many columns wide.</summary>
    public static ProgressDisplay Create(TextWriter output, string style, int width = UsualWidth)
    {
        var chosen = style switch
        {
            "bar" => Style.Bar,
            "lines" => Style.Lines,
            _ => Style.None,
        };
        return new ProgressDisplay(output, chosen, width);
    }

    /// <summary>Shows that <paramref name="done"/> of <paramref name="total"/> is done.</summary>
    /// <param name="done">Work done, in any unit.</param>
    /// <param name="total">All the work, in the same unit.</param>
    /// <param name="label">What is going on, as "epoch 2/3".</param>
    /// <param name="detail">Figures of the moment, as "loss 0.41  2310 images/s".</param>
    public void Report(long done, long total, string label, string detail)
    {
        var share = total <= 0 ? 1 : Math.Clamp((double)done / total, 0, 1);
        if (_style == Style.Bar && (_elapsed.Elapsed >= _nextDraw || done >= total))
        {
            _nextDraw = _elapsed.Elapsed + _redrawInterval;
            var text = string.Create(CultureInfo.InvariantCulture, $" {share * 100,3:F0}%  {detail}{Remaining(share)}");
            var bar = Math.Clamp(_width - 2 - label.Length - text.Length, ShortestBar, LongestBar);
            var filled = (int)(share * bar);
            var line = $"{label} {new string('━', filled)}{new string('─', bar - filled)}{text}";
            Redraw(line.Length < _width ? line : line[..(_width - 1)]); // a line that wraps could not be redrawn
        }
        else if (_style == Style.Lines && (int)(share * 10) > _tenths)
        {
            _tenths = (int)(share * 10);
            _output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{label} {share * 100,3:F0}%  {detail}{Remaining(share)}"));
        }
    }

    /// <summary>Prints a line that stays, above the bar.</summary>
    public void Say(string line)
    {
        if (_style == Style.None)
        {
            return;
        }

        Clear();
        _output.WriteLine(line);
    }

    /// <summary>Removes the bar, so that what follows starts on a clean line.</summary>
    public void Clear()
    {
        if (_drawn > 0)
        {
            _output.Write("\r" + new string(' ', _drawn) + "\r");
            _output.Flush();
            _drawn = 0;
        }
    }

    private string Remaining(double share)
    {
        if (share is <= 0.01 or >= 1)
        {
            return "";
        }

        var left = _elapsed.Elapsed * ((1 - share) / share);
        return left.TotalHours >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"  {(int)left.TotalHours}:{left:mm\\:ss} left")
            : string.Create(CultureInfo.InvariantCulture, $"  {left:m\\:ss} left");
    }

    private void Redraw(string text)
    {
        _output.Write("\r" + text.PadRight(_drawn));
        _output.Flush();
        _drawn = text.Length;
    }
}
