using HpcTrain.Training.Checkpoints;

namespace HpcTrain.Training.Tests.Checkpoints;

public sealed class CheckpointStoreTests
{
    private string _folder = "";
    private readonly List<string> _warnings = [];

    [SetUp]
    public void MakeFolder()
    {
        _folder = Directory.CreateTempSubdirectory("hpctrain-ckpt-").FullName;
        _warnings.Clear();
    }

    [TearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void The_newest_whole_one_is_found_and_only_K_are_kept()
    {
        var store = new CheckpointStore(_folder, keep: 2);
        for (var step = 1; step <= 5; step++)
        {
            Save(store, step);
        }

        Assert.That(store.Newest().Select(Path.GetFileName), Is.EqualTo(new[] { "step-00000005", "step-00000004" }));
        Assert.That(store.NewestWhole(_warnings.Add), Does.EndWith("step-00000005"));
        Assert.That(_warnings, Is.Empty);
    }

    [Test]
    public void Steps_beyond_eight_digits_still_sort()
    {
        var store = new CheckpointStore(_folder, keep: 5);
        Save(store, 99_999_999);
        Save(store, 100_000_000);
        Assert.That(store.NewestWhole(_warnings.Add), Does.EndWith("step-100000000"));
    }

    [Test]
    public void Any_damage_makes_it_fall_back_and_say_so([Values] Damage damage)
    {
        var store = new CheckpointStore(_folder, keep: 3);
        Save(store, 1);
        var newest = Save(store, 2);
        Apply(damage, newest);

        Assert.That(store.NewestWhole(_warnings.Add), Does.EndWith("step-00000001"));
        Assert.That(_warnings, Has.Count.EqualTo(1));
        Assert.That(_warnings[0], Does.Contain(newest).And.Contain("looking for one before it"));
    }

    [Test]
    public void When_all_are_damaged_there_is_none()
    {
        var store = new CheckpointStore(_folder, keep: 3);
        Apply(Damage.FlippedByte, Save(store, 1));
        Apply(Damage.NoMarker, Save(store, 2));

        Assert.That(store.NewestWhole(_warnings.Add), Is.Null);
        Assert.That(_warnings, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_full_disk_leaves_the_last_good_one_and_names_it()
    {
        var store = new CheckpointStore(_folder, keep: 1);
        var good = Save(store, 1);

        Assert.That(
            () => store.Save(2, [("a", s => s.Write("half"u8)), ("b", _ => throw new IOException("No space left on device", 28))]),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("no space").And.Message.Contains(good));
        Assert.That(Directory.EnumerateFileSystemEntries(_folder), Is.EqualTo(new[] { good }));
        Assert.That(CheckpointStore.Damage(good), Is.Null);
    }

    [Test]
    public void Damaged_newer_ones_do_not_count_among_those_kept()
    {
        var store = new CheckpointStore(_folder, keep: 1);
        Apply(Damage.FlippedByte, Save(store, 300));
        var good = Save(store, 250); // after a resume from before the damaged one

        Assert.That(Directory.Exists(good), Is.True);
        Assert.That(store.NewestWhole(_warnings.Add), Is.EqualTo(good));
    }

    [Test]
    public void What_a_crash_left_half_written_is_not_a_checkpoint_and_does_not_hinder_the_next()
    {
        var store = new CheckpointStore(_folder, keep: 3);
        Directory.CreateDirectory(Path.Combine(_folder, ".writing-00000002"));
        File.WriteAllText(Path.Combine(_folder, ".writing-00000002", "a"), "half");

        Assert.That(store.NewestWhole(_warnings.Add), Is.Null);
        Assert.That(Save(store, 2), Does.EndWith("step-00000002"));
        Assert.That(store.NewestWhole(_warnings.Add), Does.EndWith("step-00000002"));
    }

    [Test]
    public void The_same_step_may_be_saved_again_after_a_resume()
    {
        var store = new CheckpointStore(_folder, keep: 3);
        Save(store, 1);
        var folder = store.Save(1, [("a", s => s.Write("other"u8))]);
        Assert.That(File.ReadAllText(Path.Combine(folder, "a")), Is.EqualTo("other"));
        Assert.That(CheckpointStore.Damage(folder), Is.Null);
    }

    public enum Damage
    {
        FlippedByte,
        Truncated,
        FileMissing,
        NoMarker,
        MarkerGarbage,
        MarkerEmpty,
    }

    private static string Save(CheckpointStore store, long step)
        => store.Save(step, [("a", s => s.Write(new byte[1000])), ("b", s => s.Write("text"u8))]);

    private static void Apply(Damage damage, string checkpoint)
    {
        var file = Path.Combine(checkpoint, "a");
        var marker = Path.Combine(checkpoint, "COMPLETE");
        switch (damage)
        {
            case Damage.FlippedByte:
                var bytes = File.ReadAllBytes(file);
                bytes[500] ^= 1;
                File.WriteAllBytes(file, bytes);
                break;
            case Damage.Truncated:
                File.WriteAllBytes(file, new byte[999]);
                break;
            case Damage.FileMissing:
                File.Delete(file);
                break;
            case Damage.NoMarker:
                File.Delete(marker);
                break;
            case Damage.MarkerGarbage:
                File.WriteAllText(marker, "{");
                break;
            default:
                File.WriteAllText(marker, "");
                break;
        }
    }
}
