using System.Text;

namespace HpcTrain.Mpi.Tests;

/// <summary>The ranks' output and MPICH's page, parted, however the bytes come.</summary>
public class HydraOutputTests
{
    private static readonly string s_rule = new('=', 83);

    // As Hydra 4.0.2 writes it.
    private static readonly string s_page = $"""
        {s_rule}
        =   BAD TERMINATION OF ONE OF YOUR APPLICATION PROCESSES
        =   PID 711 RUNNING AT node
        =   EXIT CODE: 9
        =   CLEANING UP REMAINING PROCESSES
        =   YOU CAN IGNORE THE BELOW CLEANUP MESSAGES
        {s_rule}
        YOUR APPLICATION TERMINATED WITH THE EXIT STRING: Killed (signal 9)
        This typically refers to a problem with your application.

        """;

    [Test]
    public void The_page_is_parted_from_the_output([Values(1, 2, 7, 84, 100_000)] int piece)
    {
        (string output, string page, int? signal) = Part("a row\nanother\n\n" + s_page, piece);
        Assert.That((output, page, signal), Is.EqualTo(("a row\nanother\n\n", s_page, 9)));
    }

    [Test]
    public void Other_output_stays_as_it_is([Values(1, 3, 100_000)] int piece)
    {
        foreach (string text in (string[])["", "=", "rows\n", s_rule, s_rule + "\n", s_rule + "\n" + s_rule + "\n= 1", "===" + s_rule + "\n=   BAD luck (signal 3)\n", "ä=\n=ö"])
            Assert.That(Part(text, piece), Is.EqualTo((text, "", (int?)null)));
    }

    [Test]
    public void A_longer_rule_hides_no_page([Values(1, 100_000)] int piece)
    {
        (string output, string page, int? signal) = Part(s_rule + "\n==" + s_page, piece);
        Assert.That((output, page, signal), Is.EqualTo((s_rule + "\n==", s_page, 9)));
    }

    [Test]
    public void Lines_go_on_before_the_next_one_comes()
    {
        using var output = new MemoryStream();
        var seen = new List<string>();
        new HydraOutput(output, Stream.Null).Copy(new Pieces("first\nsecond\n", 6, () => seen.Add(Encoding.UTF8.GetString(output.ToArray()))));
        Assert.That(seen, Does.Contain("first\n"));
    }

    private static (string Output, string Page, int? Signal) Part(string text, int piece)
    {
        using MemoryStream output = new(), page = new();
        var hydra = new HydraOutput(output, page);
        hydra.Copy(new Pieces(text, piece, () => { }));
        return (Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(page.ToArray()), hydra.Signal);
    }

    /// <summary>A stream that gives a few bytes at a time.</summary>
    private sealed class Pieces(string text, int piece, Action beforeRead) : MemoryStream(Encoding.UTF8.GetBytes(text))
    {
        public override int Read(Span<byte> buffer)
        {
            beforeRead();
            return base.Read(buffer[..Math.Min(piece, buffer.Length)]);
        }
    }
}
