using System.Reflection;
using global::CommandLine;
using global::CommandLine.Text;

namespace HpcTrain.CommandLine;

/// <summary>
/// Reads the options of one command with CommandLineParser, and says mistakes as hpctrain says them: one sentence with
/// the option that was meant and the ones that exist.
/// </summary>
public static class OptionParser
{
    /// <summary>
    /// The options in <paramref name="args"/>, or null after printing the help that "--help" asks for (the command then
    /// ends with <see cref="ExitCodes.Ok"/>).
    /// </summary>
    /// <typeparam name="T">The options: properties with CommandLineParser's Option and Value attributes.</typeparam>
    /// <param name="command">The words that lead to the command, such as "hpctrain data verify".</param>
    /// <param name="summary">What the command does, for its help.</param>
    /// <param name="args">The words after the command.</param>
    /// <param name="footer">Text below the options in the help, such as examples.</param>
    /// <exception cref="UsageException">An unknown option, a missing, wrong or surplus value.</exception>
    public static T? Parse<T>(string command, string summary, string[] args, string footer = "") where T : CommandOptions
    {
        using var parser = new Parser(settings =>
        {
            settings.HelpWriter = null;
            settings.AutoVersion = false;
            settings.CaseInsensitiveEnumValues = true;
        });
        // CommandLineParser knows --help in the first place only.
        if (args.TakeWhile(word => word != "--").Contains("--help"))
            args = ["--help"];
        RequireValues<T>(command, args);
        var result = parser.ParseArguments<T>(args);
        if (result is Parsed<T> parsed)
        {
            return parsed.Value.Surplus.FirstOrDefault() is { } surplus
                ? throw new UsageException($"'{surplus}' is neither an option nor a value that belongs here; see {command} --help")
                : parsed.Value;
        }
        var errors = ((NotParsed<T>)result).Errors.ToArray();
        if (!errors.Any(error => error.Tag is ErrorType.HelpRequestedError))
            throw new UsageException($"{Describe(errors[0], result)}; see {command} --help");
        Console.Out.Write(Help(command, summary, footer, result));
        return null;
    }

    private static string Help<T>(string command, string summary, string footer, ParserResult<T> result)
    {
        var help = new HelpText(new SentenceBuilderOfHpcTrain())
        {
            Heading = $"{summary}\n\nUsage: {string.Join(' ', Values(result.TypeInfo.Current).Prepend(command))} [options]",
            AdditionalNewLineAfterOption = false,
            AutoVersion = false,
            AddDashesToOption = true,
            MaximumDisplayWidth = 120,
        };
        help.AddOptions(result);
        var text = help.ToString().TrimEnd();
        return footer.Length == 0 ? $"{text}\n" : $"{text}\n\n{footer.TrimEnd()}\n";
    }

    private static string Describe<T>(Error error, ParserResult<T> result) => error switch
    {
        UnknownOptionError unknown => DescribeUnknown(unknown.Token, OptionNames(result)),
        MissingValueOptionError missing => $"{Dashed(missing.NameInfo)} needs a value",
        MissingRequiredOptionError { NameInfo.NameText: "" } => $"{MissingValue(result.TypeInfo.Current)} is missing",
        MissingRequiredOptionError required => $"{Dashed(required.NameInfo)} is missing",
        BadFormatConversionError { NameInfo.NameText: "" } => "a value is not of the right kind",
        BadFormatConversionError bad => $"the value of {Dashed(bad.NameInfo)} must be {Kind(result.TypeInfo.Current, bad.NameInfo.LongName)}",
        RepeatedOptionError repeated => $"{Dashed(repeated.NameInfo)} is given twice",
        NamedError named => $"{Dashed(named.NameInfo)} cannot be understood",
        TokenError token => $"'{token.Token}' cannot be understood",
        _ => "the options cannot be understood",
    };

    private static string DescribeUnknown(string token, string[] names)
    {
        var meant = NearestName.Find(token, names);
        var valid = string.Join(", ", names.Select(name => $"--{name}"));
        return $"there is no option '{(token.Length == 1 ? "-" : "--")}{token}'"
            + (meant is null ? "" : $" (did you mean --{meant}?)") + $"; the options are {valid}";
    }

    /// <summary>CommandLineParser takes an option without its value for one that was not given; here it is a mistake.</summary>
    private static void RequireValues<T>(string command, string[] args)
    {
        var options = Options(typeof(T)).Where(option => option.Property.PropertyType != typeof(bool)).Select(option => $"--{option.Name}").ToHashSet();
        for (var i = 0; i < args.Length; i++)
        {
            if (options.Contains(args[i]) && (i + 1 == args.Length || args[i + 1].StartsWith("--", StringComparison.Ordinal)))
                throw new UsageException($"{args[i]} needs a value; see {command} --help");
        }
    }

    private static IEnumerable<(string Name, PropertyInfo Property)> Options(Type type) =>
        type.GetProperties()
            .Select(property => (Name: property.GetCustomAttribute<OptionAttribute>()?.LongName ?? "", Property: property))
            .Where(option => option.Name.Length > 0);

    /// <summary>What the value of an option must be, in words: the names of an enum, or a kind of number.</summary>
    private static string Kind(Type type, string name)
    {
        var property = Options(type).FirstOrDefault(option => option.Name == name).Property?.PropertyType ?? typeof(string);
        property = Nullable.GetUnderlyingType(property) ?? property;
        return property.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(property)).ToLowerInvariant()}"
            : property == typeof(double) || property == typeof(float) ? "a number"
            : property == typeof(int) || property == typeof(long) ? "a whole number that fits"
            : "of another kind";
    }

    private static string MissingValue(Type type) =>
        ValueAttributes(type).FirstOrDefault(value => value.Required) is { MetaName.Length: > 0 } first ? first.MetaName : "a value";

    /// <summary>The values that belong to no option, as the line of usage shows them: in brackets those that may be left out.</summary>
    private static IEnumerable<string> Values(Type type) =>
        ValueAttributes(type).Where(value => value.MetaName.Length > 0).Select(value => value.Required ? value.MetaName : $"[{value.MetaName}]");

    private static IEnumerable<ValueAttribute> ValueAttributes(Type type) =>
        type.GetProperties().Select(property => property.GetCustomAttribute<ValueAttribute>()).OfType<ValueAttribute>()
            .Where(value => !value.Hidden).OrderBy(value => value.Index);

    private static string[] OptionNames<T>(ParserResult<T> result) =>
        [.. Options(result.TypeInfo.Current).Where(option => !option.Property.GetCustomAttribute<OptionAttribute>()!.Hidden).Select(option => option.Name), "help"];

    private static string Dashed(NameInfo name) => name.LongName.Length > 0 ? $"--{name.LongName}" : $"-{name.ShortName}";

    /// <summary>CommandLineParser's words for its help, with ours for the line about --help.</summary>
    private sealed class SentenceBuilderOfHpcTrain : SentenceBuilder
    {
        private readonly SentenceBuilder original = Create();

        public override Func<string> RequiredWord => original.RequiredWord;
        public override Func<string> OptionGroupWord => original.OptionGroupWord;
        public override Func<string> ErrorsHeadingText => original.ErrorsHeadingText;
        public override Func<string> UsageHeadingText => original.UsageHeadingText;
        public override Func<bool, string> HelpCommandText => _ => "This text.";
        public override Func<bool, string> VersionCommandText => original.VersionCommandText;
        public override Func<Error, string> FormatError => original.FormatError;

        public override Func<IEnumerable<MutuallyExclusiveSetError>, string> FormatMutuallyExclusiveSetErrors =>
            original.FormatMutuallyExclusiveSetErrors;
    }
}
