Console.WriteLine("job");
