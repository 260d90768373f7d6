using HpcTrain.CommandLine;

namespace HpcTrain.Cli.Tests;

internal sealed class CommandLineTests
{
    [TestCase("--help")]
    [TestCase("-h")]
    [TestCase("help")]
    public void Help_lists_every_family_with_examples_and_exit_codes(string word)
    {
        var run = ProgramRun.Start([word]);

        Assert.That(run.ExitCode, Is.Zero);
        Assert.That(run.Errors, Is.Empty);
        foreach (var family in CommandFamilies.Table.Commands)
            Assert.That(run.Output, Does.Contain($"  {family.Name} ").And.Contain(family.Summary));
        Assert.That(run.Output, Does.Contain("Examples:"));
        for (var code = 0; code <= 6; code++)
            Assert.That(run.Output, Does.Contain($"\n  {code}  "));
    }

    [Test]
    public void Every_family_has_a_help_that_ends_well()
    {
        foreach (var family in CommandFamilies.Table.Commands)
        {
            var run = ProgramRun.Start([family.Name, "--help"]);

            Assert.That(run.ExitCode, Is.Zero, family.Name);
            Assert.That(run.Output, Does.Contain($"Usage: hpctrain {family.Name}"), family.Name);
            Assert.That(run.Errors, Is.Empty, family.Name);
        }
    }

    [Test]
    public void Version_is_one_line_with_three_numbers()
    {
        var run = ProgramRun.Start(["--version"]);

        Assert.That(run.ExitCode, Is.Zero);
        Assert.That(run.Output, Does.Match(@"^hpctrain \d+\.\d+\.\d+\n$"));
    }

    [TestCase("inof", "info")]
    [TestCase("INFO", "info")]
    [TestCase("in", "info")]
    public void A_misspelt_command_is_a_usage_error_that_names_what_was_meant(string word, string meant)
    {
        var run = ProgramRun.Start([word]);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Usage));
        Assert.That(run.Output, Is.Empty);
        Assert.That(run.Errors, Does.Contain($"'{word}'").And.Contain($"did you mean '{meant}'?"));
    }

    [Test]
    public void An_unknown_command_lists_the_valid_ones()
    {
        var run = ProgramRun.Start(["xylophone"]);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Usage));
        foreach (var family in CommandFamilies.Table.Commands)
            Assert.That(run.Errors, Does.Contain(family.Name));
        Assert.That(run.Errors, Does.Not.Contain("did you mean"));
        Assert.That(run.Errors.TrimEnd().Split('\n'), Has.Length.EqualTo(1));
    }

    [Test]
    public void No_command_at_all_is_a_usage_error() =>
        Assert.That(ProgramRun.Start([]), Has.Property(nameof(ProgramRun.ExitCode)).EqualTo(ExitCodes.Usage));

    [Test]
    public void An_unknown_option_names_the_one_that_was_meant_and_all_valid_ones()
    {
        var run = ProgramRun.Start(["info", "--jsn"]);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Usage));
        Assert.That(run.Errors, Does.Contain("'--jsn'").And.Contain("did you mean --json?").And.Contain("--json, --rank, --help"));
    }

    [Test]
    public void A_word_that_is_no_option_is_refused()
    {
        var run = ProgramRun.Start(["info", "everything"]);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Usage));
        Assert.That(run.Errors, Does.Contain("everything"));
    }
}
