using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

namespace HpcTrain.Topology;

/// <summary>A fraction of whole numbers of any size, in lowest terms: what bandwidths, cuts and rates are counted in, so that no answer is a guess.</summary>
public readonly struct Rational : IComparable<Rational>, IEquatable<Rational>
{
    private readonly BigInteger _numerator;
    private readonly BigInteger _denominatorMinusOne; // so that the default is 0/1

    /// <summary>The fraction of two numbers.</summary>
    /// <exception cref="DivideByZeroException">The denominator is 0.</exception>
    public Rational(BigInteger numerator, BigInteger denominator)
    {
        if (denominator.IsZero)
            throw new DivideByZeroException("A fraction needs a denominator other than 0.");
        BigInteger divisor = BigInteger.GreatestCommonDivisor(numerator, denominator);
        if (denominator.Sign < 0)
            divisor = -divisor;
        _numerator = numerator / divisor;
        _denominatorMinusOne = (denominator / divisor) - 1;
    }

    /// <summary>0.</summary>
    public static Rational Zero => default;

    /// <summary>1.</summary>
    public static Rational One => new(1, 1);

    /// <summary>The number above the line, with the sign.</summary>
    public BigInteger Numerator => _numerator;

    /// <summary>The number below the line, positive.</summary>
    public BigInteger Denominator => _denominatorMinusOne + 1;

    /// <summary>-1, 0 or 1.</summary>
    public int Sign => _numerator.Sign;

    /// <summary>Whether it is a whole number.</summary>
    public bool IsInteger => _denominatorMinusOne.IsZero;

    /// <summary>The greatest whole number that is not greater.</summary>
    public BigInteger Floor
    {
        get
        {
            BigInteger quotient = BigInteger.DivRem(_numerator, Denominator, out BigInteger rest);
            return rest.Sign < 0 ? quotient - 1 : quotient;
        }
    }

    /// <summary>A whole number.</summary>
    public static implicit operator Rational(long value) => new(value, 1);

    /// <summary>A whole number.</summary>
    public static implicit operator Rational(BigInteger value) => new(value, 1);

    /// <summary>The nearest double.</summary>
    public static explicit operator double(Rational value)
    {
        // Of large numbers only the leading digits count; both are cut alike.
        const int KeptBits = 900;
        long cut = Math.Max(0, (long)BigInteger.Max(BigInteger.Abs(value._numerator), value.Denominator).GetBitLength() - KeptBits);
        return (double)(value._numerator >> (int)cut) / (double)(value.Denominator >> (int)cut);
    }

    /// <summary>The sum.</summary>
    public static Rational operator +(Rational a, Rational b) =>
        new((a._numerator * b.Denominator) + (b._numerator * a.Denominator), a.Denominator * b.Denominator);

    /// <summary>The difference.</summary>
    public static Rational operator -(Rational a, Rational b) =>
        new((a._numerator * b.Denominator) - (b._numerator * a.Denominator), a.Denominator * b.Denominator);

    /// <summary>The negative.</summary>
    public static Rational operator -(Rational a) => new(-a._numerator, a.Denominator);

    /// <summary>The product.</summary>
    public static Rational operator *(Rational a, Rational b) => new(a._numerator * b._numerator, a.Denominator * b.Denominator);

    /// <summary>The quotient.</summary>
    /// <exception cref="DivideByZeroException">The divisor is 0.</exception>
    public static Rational operator /(Rational a, Rational b) => new(a._numerator * b.Denominator, a.Denominator * b._numerator);

    /// <summary>Whether it is less.</summary>
    public static bool operator <(Rational a, Rational b) => a.CompareTo(b) < 0;

    /// <summary>Whether it is greater.</summary>
    public static bool operator >(Rational a, Rational b) => a.CompareTo(b) > 0;

    /// <summary>Whether it is less or equal.</summary>
    public static bool operator <=(Rational a, Rational b) => a.CompareTo(b) <= 0;

    /// <summary>Whether it is greater or equal.</summary>
    public static bool operator >=(Rational a, Rational b) => a.CompareTo(b) >= 0;

    /// <summary>Whether they are the same number.</summary>
    public static bool operator ==(Rational a, Rational b) => a.Equals(b);

    /// <summary>Whether they are different numbers.</summary>
    public static bool operator !=(Rational a, Rational b) => !a.Equals(b);

    /// <summary>The lesser.</summary>
    public static Rational Min(Rational a, Rational b) => a <= b ? a : b;

    /// <summary>The greater.</summary>
    public static Rational Max(Rational a, Rational b) => a >= b ? a : b;

    /// <summary>Reads <c>24/7</c>, <c>25</c>, <c>25.5</c> or <c>2.5e1</c>, exactly.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Rational value)
    {
        const int MostExponent = 300;
        value = default;
        if (text == null)
            return false;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0)
        {
            if (!TryWhole(text[..slash], out BigInteger over) || !TryWhole(text[(slash + 1)..], out BigInteger under) || under.IsZero)
                return false;
            value = new(over, under);
            return true;
        }

        int exponent = 0, letter = text.IndexOfAny(['e', 'E']);
        string digits = letter < 0 ? text : text[..letter];
        if (letter >= 0 && (!int.TryParse(text[(letter + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent) || Math.Abs(exponent) > MostExponent))
            return false;
        int point = digits.IndexOf('.', StringComparison.Ordinal);
        if (point >= 0)
        {
            exponent -= digits.Length - point - 1;
            digits = digits.Remove(point, 1);
        }

        if (!TryWhole(digits, out BigInteger mantissa))
            return false;
        BigInteger power = BigInteger.Pow(10, Math.Abs(exponent));
        value = exponent >= 0 ? new(mantissa * power, 1) : new(mantissa, power);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(Rational other) => (_numerator * other.Denominator).CompareTo(other._numerator * Denominator);

    /// <inheritdoc/>
    public bool Equals(Rational other) => _numerator == other._numerator && _denominatorMinusOne == other._denominatorMinusOne;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Rational other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_numerator, _denominatorMinusOne);

    /// <summary><c>24/7</c>, or <c>6</c> when it is whole.</summary>
    public override string ToString() => IsInteger
        ? _numerator.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{_numerator}/{Denominator}");

    private static bool TryWhole(string text, out BigInteger value) =>
        BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
}
