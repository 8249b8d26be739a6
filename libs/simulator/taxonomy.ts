/** A kind of item that the simulated shop sells. */
export interface CategoryPlan {
  readonly department: string;
  readonly name: string;
  /** What one item is called in its title. */
  readonly noun: string;
  /** The middle of its prices, in euros. */
  readonly price: number;
  /** Names of the categories that people look at after an item of this one. */
  readonly accessories: readonly string[];
}

const plan = (
  department: string,
  name: string,
  noun: string,
  price: number,
  accessories: readonly string[] = [],
): CategoryPlan => ({ department, name, noun, price, accessories });

/** What the shop sells: 8 departments with 31 categories. */
export const CATEGORY_PLANS: readonly CategoryPlan[] = [
  plan('Electronics', 'Phones', 'Phone', 480, ['Phone cases', 'Headphones']),
  plan('Electronics', 'Phone cases', 'Phone Case', 22),
  plan('Electronics', 'Headphones', 'Headphones', 95),
  plan('Electronics', 'Laptops', 'Laptop', 980, ['Laptop bags']),
  plan('Electronics', 'Laptop bags', 'Laptop Bag', 55),
  plan('Electronics', 'Cameras', 'Camera', 720, ['Lenses']),
  plan('Electronics', 'Lenses', 'Lens', 390),
  plan('Kitchen', 'Coffee machines', 'Coffee Machine', 260, ['Coffee beans']),
  plan('Kitchen', 'Coffee beans', 'Coffee Beans', 14),
  plan('Home', 'Lamps', 'Lamp', 75),
  plan('Home', 'Sofas', 'Sofa', 690, ['Cushions', 'Rugs']),
  plan('Home', 'Cushions', 'Cushion', 21),
  plan('Home', 'Rugs', 'Rug', 130),
  plan('Outdoor', 'Tents', 'Tent', 240, ['Sleeping bags']),
  plan('Outdoor', 'Sleeping bags', 'Sleeping Bag', 95),
  plan('Outdoor', 'Backpacks', 'Backpack', 85),
  plan('Outdoor', 'Hiking boots', 'Hiking Boots', 140, ['Backpacks']),
  plan('Clothing', 'Jeans', 'Jeans', 70, ['Belts', 'Shirts']),
  plan('Clothing', 'Shirts', 'Shirt', 38),
  plan('Clothing', 'Jackets', 'Jacket', 120),
  plan('Clothing', 'Dresses', 'Dress', 80, ['Belts']),
  plan('Clothing', 'Sneakers', 'Sneakers', 90),
  plan('Clothing', 'Belts', 'Belt', 28),
  plan('Sports', 'Bicycles', 'Bicycle', 760, ['Helmets']),
  plan('Sports', 'Helmets', 'Helmet', 60),
  plan('Sports', 'Running shoes', 'Running Shoes', 115),
  plan('Toys', 'Building sets', 'Building Set', 49),
  plan('Toys', 'Board games', 'Board Game', 34, ['Puzzles']),
  plan('Toys', 'Puzzles', 'Puzzle', 17),
  plan('Beauty', 'Perfumes', 'Perfume', 68),
  plan('Beauty', 'Face creams', 'Face Cream', 26),
];

/** Brands; each category carries some of them. */
export const BRANDS: readonly string[] = [
  'Aldora',
  'Birkvik',
  'Cendral',
  'Dovrane',
  'Elmsund',
  'Fjellor',
  'Granvia',
  'Halden',
  'Istrana',
  'Jarrow',
  'Kestrel',
  'Lumen',
  'Morvane',
  'Nordal',
  'Osprey',
  'Pallas',
];

/** The look of an item; people who care for it stay with one. */
export const STYLES: readonly string[] = ['Black', 'White', 'Blue', 'Green', 'Red', 'Sand'];

/** Middle names of titles. */
export const SERIES: readonly string[] = [
  'One',
  'Arc',
  'Nova',
  'Prime',
  'Vista',
  'Trail',
  'Pulse',
  'Echo',
  'Solo',
  'Terra',
  'Mira',
  'Delta',
];
