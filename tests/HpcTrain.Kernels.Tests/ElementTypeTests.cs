namespace HpcTrain.Kernels.Tests;

/// <summary>Names, sizes and .NET types of the element types, and bfloat16 as a value.</summary>
internal sealed class ElementTypeTests
{
    [TestCaseSource(typeof(ElementTypes), nameof(ElementTypes.All))]
    public void A_name_reads_back_in_either_case(ElementType type)
    {
        Assert.That(ElementTypes.TryParse(type.Name(), out ElementType lower), Is.True);
        Assert.That(ElementTypes.TryParse(type.Name().ToUpperInvariant(), out ElementType upper), Is.True);
        Assert.That((lower, upper), Is.EqualTo((type, type)));
    }

    [TestCaseSource(typeof(ElementTypes), nameof(ElementTypes.All))]
    public void A_name_says_the_size(ElementType type) =>
        Assert.That(type.Name(), Does.EndWith($"{type.SizeInBytes() * 8}"));

    [TestCase("f8")]
    [TestCase("")]
    [TestCase(null)]
    public void Other_names_are_refused(string? name) => Assert.That(ElementTypes.TryParse(name, out _), Is.False);

    [Test]
    public void Each_dotnet_type_has_its_element_type()
    {
        Assert.Multiple(() =>
        {
            Check<float>(ElementType.F32);
            Check<double>(ElementType.F64);
            Check<Half>(ElementType.F16);
            Check<BFloat16>(ElementType.BF16);
            Check<sbyte>(ElementType.I8);
            Check<byte>(ElementType.U8);
            Check<short>(ElementType.I16);
            Check<ushort>(ElementType.U16);
            Check<int>(ElementType.I32);
            Check<uint>(ElementType.U32);
            Check<long>(ElementType.I64);
            Check<ulong>(ElementType.U64);
            Assert.That(() => ElementTypes.Of<Guid>(), Throws.InstanceOf<NotSupportedException>().With.Message.Contains("Guid"));
        });

        static unsafe void Check<T>(ElementType type) where T : unmanaged
        {
            Assert.That(ElementTypes.Of<T>(), Is.EqualTo(type));
            Assert.That(type.SizeInBytes(), Is.EqualTo(sizeof(T)));
        }
    }

    [Test]
    public void A_value_outside_the_enumeration_is_refused()
    {
        Assert.That(() => ((ElementType)12).SizeInBytes(), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => ((ElementType)12).Name(),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("u64"));
    }

    [TestCase(1f, (ushort)0x3f80)]
    [TestCase(-0f, (ushort)0x8000)]
    [TestCase(1.00390625f, (ushort)0x3f80)]
    [TestCase(1.01171875f, (ushort)0x3f82)]
    [TestCase(float.MaxValue, (ushort)0x7f80)]
    [TestCase(float.NegativeInfinity, (ushort)0xff80)]
    [TestCase(float.Epsilon, (ushort)0)]
    [TestCase(9.2e-41f, (ushort)1)]
    public void BFloat16_rounds_to_nearest_even(float value, ushort bits) =>
        Assert.That(((BFloat16)value).Bits, Is.EqualTo(bits));

    [Test]
    public void BFloat16_compares_as_the_number_it_is()
    {
        var one = (BFloat16)1f;
        var two = (BFloat16)2f;
        var nan = (BFloat16)float.NaN;
        var negativeZero = new BFloat16(0x8000);
        Assert.Multiple(() =>
        {
            Assert.That(one < two && one <= two && two > one && two >= one && one != two);
            Assert.That(default(BFloat16) == negativeZero && default(BFloat16).Equals(negativeZero));
            Assert.That(default(BFloat16).GetHashCode(), Is.EqualTo(negativeZero.GetHashCode()));
            Assert.That(nan.Equals((object)nan) && !nan.Equals((object)1f));
            Assert.That(nan == new BFloat16(nan.Bits), Is.False);
            Assert.That(nan.CompareTo(one), Is.Negative);
            Assert.That(((BFloat16)0.5f).ToString(), Is.EqualTo("0.5"));
        });
    }
}
