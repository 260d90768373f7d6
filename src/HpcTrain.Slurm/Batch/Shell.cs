using System.Text.RegularExpressions;

namespace HpcTrain.Slurm;

/// <summary>Words as a shell reads them.</summary>
internal static partial class Shell
{
    /// <summary>A word that a shell takes for exactly this text: in single quotes where it holds anything special.</summary>
    public static string Quote(string word) => Plain().IsMatch(word) ? word : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    /// <summary>Words with spaces between them.</summary>
    public static string Quote(IEnumerable<string> words) => string.Join(' ', words.Select(Quote));

    [GeneratedRegex(@"^[A-Za-z0-9_./:=@%+,-]+\z")]
    private static partial Regex Plain();
}
