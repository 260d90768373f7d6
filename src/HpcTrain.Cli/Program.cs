Console.WriteLine("hpctrain");
