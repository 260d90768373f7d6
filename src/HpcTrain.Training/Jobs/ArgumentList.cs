using System.Reflection;
using CommandLine;

namespace HpcTrain.Training.Jobs;

/// <summary>
/// A command line as a list of options that a run keeps, so that <c>--resume</c> starts with the options of the run and
/// lets those given again win.
/// </summary>
public static class ArgumentList
{
    /// <summary>Puts the options of <paramref name="given"/> over those of <paramref name="stored"/>.</summary>
    /// <param name="stored">The options that the run was started with.</param>
    /// <param name="given">The options given now.</param>
    /// <param name="optionsType">The type whose <c>[Option]</c> attributes say which options take a value.</param>
    public static string[] Merge(IReadOnlyList<string> stored, IReadOnlyList<string> given, Type optionsType)
    {
        var merged = new Dictionary<string, string[]>();
        foreach (var (name, tokens) in Split(stored, optionsType).Concat(Split(given, optionsType)))
        {
            merged[name] = tokens;
        }

        return [.. merged.Values.SelectMany(tokens => tokens)];
    }

    /// <summary>Leaves out an option, with its value.</summary>
    public static string[] Without(IReadOnlyList<string> arguments, string name, Type optionsType)
        => [.. Split(arguments, optionsType).Where(option => option.Name != name).SelectMany(option => option.Tokens)];

    private static IEnumerable<(string Name, string[] Tokens)> Split(IReadOnlyList<string> arguments, Type optionsType)
    {
        var flags = optionsType.GetProperties()
            .Where(p => p.PropertyType == typeof(bool))
            .Select(p => p.GetCustomAttribute<OptionAttribute>()?.LongName)
            .ToHashSet();
        for (var i = 0; i < arguments.Count; i++)
        {
            var token = arguments[i];
            var name = token.Split('=', 2)[0];
            var takesNext = token.StartsWith("--", StringComparison.Ordinal) && !token.Contains('=', StringComparison.Ordinal)
                && !flags.Contains(name[2..]) && i + 1 < arguments.Count;
            yield return (name.TrimStart('-'), takesNext ? [token, arguments[++i]] : [token]);
        }
    }
}
