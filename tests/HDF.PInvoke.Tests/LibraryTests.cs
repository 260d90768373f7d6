namespace HDF.PInvoke.Tests;

[TestFixture]
internal sealed class LibraryTests
{
    [Test]
    public void The_library_is_1_10_or_later()
    {
        uint major = 0, minor = 0, release = 0;
        Assert.That(H5.get_libversion(ref major, ref minor, ref release), Is.Zero);
        Assert.That((major, minor).CompareTo((1u, 10u)), Is.GreaterThanOrEqualTo(0));
    }

    [Test]
    public void Deflate_and_shuffle_are_there()
    {
        Assert.That(H5Z.filter_avail(H5Z.filter_t.DEFLATE), Is.Positive);
        Assert.That(H5Z.filter_avail(H5Z.filter_t.SHUFFLE), Is.Positive);
    }

    [Test]
    public void A_failure_leaves_its_reason_on_the_error_stack()
    {
        Assert.That(H5E.set_auto(H5E.DEFAULT, null!, IntPtr.Zero), Is.Zero);
        Assert.That(H5F.open("/nowhere/at/all.h5", H5F.ACC_RDONLY), Is.Negative);
        Assert.That((long)H5E.get_num(H5E.DEFAULT), Is.Positive);
        var reasons = new List<string>();
        H5E.walk_t collect = (uint _, ref H5E.error_t error, IntPtr _) =>
        {
            reasons.Add(error.desc);
            return 0;
        };
        Assert.That(H5E.walk(H5E.DEFAULT, H5E.direction_t.H5E_WALK_DOWNWARD, collect, IntPtr.Zero), Is.Zero);
        GC.KeepAlive(collect);
        Assert.That(reasons, Has.Some.Contains("No such file or directory"));
        Assert.That(H5E.clear(H5E.DEFAULT), Is.Zero);
        Assert.That((long)H5E.get_num(H5E.DEFAULT), Is.Zero);
    }

    [Test]
    public void Identifiers_know_their_kind_and_end_with_close()
    {
        var space = H5S.create(H5S.class_t.SCALAR);
        Assert.That(H5I.get_type(space), Is.EqualTo(H5I.type_t.DATASPACE));
        Assert.That(H5I.is_valid(space), Is.Positive);
        Assert.That(H5S.get_simple_extent_type(space), Is.EqualTo(H5S.class_t.SCALAR));
        Assert.That(H5S.close(space), Is.Zero);
        Assert.That(H5I.is_valid(space), Is.Zero);
    }

    [Test]
    public void Property_lists_of_every_class_that_is_used_can_be_made()
    {
        foreach (var kind in new[] { H5P.FILE_CREATE, H5P.FILE_ACCESS, H5P.DATASET_CREATE, H5P.DATASET_ACCESS, H5P.DATASET_XFER, H5P.GROUP_CREATE, H5P.LINK_CREATE, H5P.ATTRIBUTE_CREATE })
        {
            var list = H5P.create(kind);
            Assert.That(list, Is.Positive);
            Assert.That(H5P.close(list), Is.Zero);
        }
    }
}
