namespace HpcTrain.Runs.Tests;

public sealed class AtomicFileTests
{
    [Test]
    public void A_failed_write_leaves_the_old_file_and_nothing_else()
    {
        var folder = Directory.CreateTempSubdirectory("hpctrain-atomic-").FullName;
        try
        {
            // A folder in the file's place makes the rename fail after the bytes were written.
            var path = Path.Combine(folder, "status.json");
            Directory.CreateDirectory(path);
            File.WriteAllText(Path.Combine(path, "old"), "old");

            Assert.That(() => AtomicFile.WriteAllText(path, "new"), Throws.InstanceOf<Exception>().With.Matches<Exception>(RunException.IsIo));
            Assert.That(Directory.EnumerateFileSystemEntries(folder), Is.EqualTo(new[] { path }));
            Assert.That(File.ReadAllText(Path.Combine(path, "old")), Is.EqualTo("old"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestCase(28, "no space")]
    [TestCase(122, "no space")]
    [TestCase(27, "file size limit")]
    public void Io_errors_become_sentences(int errno, string expected)
    {
        var e = RunException.FromIo("write it", "/some/file", new IOException("raw", errno));
        Assert.That(e.Message, Does.Contain(expected).And.Contain("/some/file").And.EndWith("."));
    }
}
