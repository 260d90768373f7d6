namespace HpcTrain.Benchmarking.Tests.Workloads;

internal sealed class ByteSizeTests
{
    [TestCase("8", 8)]
    [TestCase("0", 0)]
    [TestCase("64K", 65536)]
    [TestCase("64k", 65536)]
    [TestCase("64KiB", 65536)]
    [TestCase("64KB", 65536)]
    [TestCase("12B", 12)]
    [TestCase("256M", 268435456)]
    [TestCase("3G", 3221225472)]
    [TestCase(" 1T ", 1099511627776)]
    [TestCase("7T", 7 * 1099511627776)]
    public void Sizes_are_read_in_powers_of_1024(string text, long bytes)
    {
        Assert.That(ByteSize.TryParse(text, out long read), Is.True);
        Assert.That(read, Is.EqualTo(bytes));
    }

    [TestCase("")]
    [TestCase(null)]
    [TestCase("K")]
    [TestCase("iB")]
    [TestCase("8iB")]
    [TestCase("-8")]
    [TestCase("1.5M")]
    [TestCase("8X")]
    [TestCase("8 K8")]
    [TestCase("9999999999999T")]
    [TestCase("99999999999999999999")]
    public void Whatever_is_no_size_is_refused(string? text) => Assert.That(ByteSize.TryParse(text, out _), Is.False);

    [Test]
    public void Formatting_is_exact_and_can_be_read_again()
    {
        foreach (long bytes in new long[] { 0, 1, 8, 1000, 1023, 1024, 1536, 65536, 1 << 20, (1 << 20) + 4, 3L << 30, 5L << 40, 1L << 50, long.MaxValue })
        {
            Assert.That(ByteSize.TryParse(ByteSize.Format(bytes), out long read), Is.True);
            Assert.That(read, Is.EqualTo(bytes), ByteSize.Format(bytes));
        }

        Assert.That(ByteSize.Format(65536), Is.EqualTo("64K"));
    }
}
